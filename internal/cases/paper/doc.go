// Package paper holds the rules about what is handed in: when a paper given in
// one case serves for another, how far a copy is to be trusted, and by when a
// tolerated one has to come. It knows no database and no case.
package paper
