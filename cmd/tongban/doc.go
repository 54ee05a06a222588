// Command tongban is the whole of Tongban in one program: it serves the site,
// keeps its database, and fills a demonstration. Flags only; everything it
// does lives in internal/app.
package main
