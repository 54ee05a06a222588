// Package pdf sets documents on A4 sheets: Chinese and English text that can be
// searched and copied, tables that break over pages, QR codes, a watermark.
//
// One font serves for everything, Noto Sans SC Regular (SIL OFL 1.1, in font/);
// of its 30,000 glyphs a document carries those that it shows. It adds 10 MB to
// the program. What stands heavier is the same glyph with a stroke.
//
// # Why a writer of our own
//
// Every character gets a glyph number of its own with its code point beside it,
// so that what is copied is what was written: also for characters outside the
// basic plane, which people's names are made of (GB 18030-2022 level 3), and for
// two characters that look alike. A character that the font does not have is
// shown as 〓, copied as itself, and reported by Missing; nothing is dropped.
// The same content gives the same bytes, whatever the day.
//
// # Boundaries
//
// No I/O, no clock, no locale: callers bring words and dates. A Doc is made,
// filled and written by one goroutine; the font is read once and shared.
package pdf
