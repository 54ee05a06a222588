package register

// Idle says that no probe is under way.
func (b *Breaker) Idle() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return !b.probing
}
