// Package watermark lays words over what is handed out: who looks, when, and for
// which case. The stored file stays as it is; the mark is laid on a copy at
// delivery.
//
// PDF files get a stamp on every page, made with the font of package pdf, so
// that the words can be searched and copied; pictures get the words drawn in,
// turned first as their camera held them. What cannot be marked (office files,
// locked or damaged PDF files, files with an electronic signature, which a mark
// would break) comes back unmarked, and the caller says so in its log.
//
// Marking takes memory: at most two files are worked on at once, and none beyond
// the bounds below.
package watermark
