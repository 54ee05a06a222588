// Package review says what the answers of several desks come to: when the lead
// of a joint review (联审) may close it, and when a countersignature (会签) is
// settled. It knows no database and no case.
package review
