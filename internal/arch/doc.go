// Package arch holds no code: its tests enforce the rules of the house that a
// compiler does not know. See docs/architecture.md.
package arch
