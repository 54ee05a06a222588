// Package matchgen makes firms and rules for tests and benchmarks of the matching
// engine: invented, and the same for the same seed. The firms hang together (large
// ones earn more, spend more on research and hold more patents), most facts are
// missing for some, and the rules are of the kinds that the texts of policies
// have: regions, branches of industry, staff, turnover, shares of research,
// growth, certificates, dates.
package matchgen
