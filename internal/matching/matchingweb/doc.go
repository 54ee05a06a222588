// Package matchingweb holds the pages of matching: the policies that a firm fits
// and why, the check without an account, the trial of a rule while somebody writes
// it, what would be if a threshold were another, and what matching takes.
package matchingweb
