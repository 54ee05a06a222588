// Package errs holds the one error type of the house.
//
// A module defines its sentinels once, in its errors.go:
//
//	var ErrExpired = errs.Define(errs.Conflict, "vouchers.expired")
//
// and returns them, with parameters for the sentence or with the fields they
// belong to. Only package httpx turns a Kind into a status; the sentence for a
// code is the locale text "error.<code>". A plain Go error has Kind Internal:
// a stranger's error is never shown to a user.
//
// # Invariants
//
//   - Codes are unique and never change: API clients compare them.
//   - errors.Is compares codes, so a copy made by With still is its sentinel.
package errs
