// Package app wires everything by hand: settings → database → platform →
// modules → routes and workers. What is tested is what runs: tests build the
// same App on a temporary database.
//
// Three files are worth knowing: modules.go makes the modules, routes.go lists
// their routes and the navigation, reactions.go says who reacts to whom.
package app
