// Package bulk multiplies what the engine has made: it reads every row that
// belongs to some object, of whatever table, and writes copies of them under
// new identifiers, numbers and instants, many with one statement.
//
// So a filled database holds exactly what the engine writes, column by column,
// also of tables that did not exist when this was written: tables are found in
// the schema, by a column of the object's name or a foreign key on a table
// found so.
//
// # How a copy differs
//
//   - Every identifier of a row of the original is replaced wherever it stands,
//     also within texts and JSON, by one of the same place in time.
//   - Every instant moves by working days: what took three working days takes
//     three working days, at the same time of day. Dates that are written out
//     move alike where the caller says so.
//   - Texts that must be unique are replaced by the caller's own.
//
// The same seed gives the same copies.
package bulk
