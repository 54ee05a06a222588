//go:build !amd64

package engine

// Kernel names what Run reckons with.
func Kernel() string { return "portable" }

func newReckoner(x *Index) reckoner { return newEvaluator(x).answer }
