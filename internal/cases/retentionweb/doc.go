// Package retentionweb has the table of how long what is kept, for everybody, and
// for administrators what goes next and what must not.
package retentionweb
