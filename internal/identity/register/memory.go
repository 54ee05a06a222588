package register

import (
	"context"
	"maps"
	"sync"
)

// Memory is a register inside the program, for demonstrations and tests. It can
// be switched off, to show what happens when a register does not answer.
type Memory struct {
	mu      sync.RWMutex
	records map[string]Record
	silent  map[string]bool
	down    bool
}

// NewMemory makes a register of records.
func NewMemory(list ...Record) *Memory {
	m := &Memory{records: map[string]Record{}, silent: map[string]bool{}}
	m.Put(list...)
	return m
}

// Put adds records, or replaces those of the same firms.
func (m *Memory) Put(list ...Record) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range list {
		m.records[r.USCC] = r
	}
}

// Look answers at once, unless it is switched off.
func (m *Memory) Look(_ context.Context, uscc string) (Record, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	r, ok := m.records[uscc]
	switch {
	case m.down || m.silent[uscc]:
		return Record{}, ErrDown
	case !ok:
		return Record{}, ErrUnknown
	}
	r.Facts = maps.Clone(r.Facts)
	return r, nil
}

// Switch turns the register off or on; on, it answers about every firm again.
func (m *Memory) Switch(down bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.down = down
	if !down {
		clear(m.silent)
	}
}

// Silence lets the register, while it is on, give no answer about a firm.
func (m *Memory) Silence(uscc string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.silent[uscc] = true
}

// Silent counts the firms about which it gives no answer.
func (m *Memory) Silent() int {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return len(m.silent)
}

// Down says that it is switched off.
func (m *Memory) Down() bool {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.down
}

// Codes lists the firms that it has, in no order.
func (m *Memory) Codes() []string {
	m.mu.RLock()
	defer m.mu.RUnlock()
	out := make([]string, 0, len(m.records))
	for c := range m.records {
		out = append(out, c)
	}
	return out
}
