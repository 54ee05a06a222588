// Package policyweb shows the library of policies to everybody, and to those who
// keep it.
package policyweb
