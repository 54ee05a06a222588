// Package recent keeps what was used lately, and no more than so much of it.
package recent

import "sync"

// Map remembers values by key. It holds two halves: what was used since the
// last turn, and what was used before; when the first is full the second is
// forgotten and they turn. So what is in use stays, at the price of one lock
// and no list. The zero value holds 1,024 values. It is safe for many at once.
type Map[K comparable, V any] struct {
	Size int // values at most; 0 is 1,024

	mu       sync.Mutex
	now, old map[K]V
}

// Load returns the value of a key, which counts as used by that.
func (m *Map[K, V]) Load(k K) (v V, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if v, ok = m.now[k]; ok {
		return v, true
	}
	if v, ok = m.old[k]; ok {
		delete(m.old, k)
		m.put(k, v)
	}
	return v, ok
}

// Store keeps a value under a key.
func (m *Map[K, V]) Store(k K, v V) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.old, k)
	m.put(k, v)
}

// Len is how many values are held.
func (m *Map[K, V]) Len() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.now) + len(m.old)
}

func (m *Map[K, V]) put(k K, v V) {
	size := m.Size
	if size == 0 {
		size = 1024
	}
	if _, ok := m.now[k]; !ok && len(m.now) >= max(size/2, 1) {
		m.old, m.now = m.now, nil
	}
	if m.now == nil {
		m.now = map[K]V{}
	}
	m.now[k] = v
}
