// Package sheet reads rows from what offices keep their lists in: CSV in UTF-8,
// UTF-16 or GB18030, and XLSX.
//
// A sheet comes from anywhere, so nothing in it is believed before it was
// looked at: how large it is, how large it becomes when it is unpacked, whether
// every byte of it is text, where its header stands. What is wrong with the
// file as a whole is an error of Open or Next; what is wrong with one cell (a
// formula, a merged cell, a cell that is too long) is a Fault of its row, so
// that a report can name all of them at once.
//
// # Invariants
//
//   - Rows are streamed: beside one row, memory holds only what the limits of
//     Options allow, whatever the file claims about itself.
//   - A row has the number under which a spreadsheet shows it.
//   - Nothing is guessed in silence: a file that is neither UTF-8 nor GB18030
//     is refused with the line of the first strange byte.
//
// Open makes two passes: the first judges (encoding, zip container, formulas)
// and counts, the second reads.
package sheet
