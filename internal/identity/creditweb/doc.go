// Package creditweb holds the pages of credit: how somebody stands and why, what
// he can do about it, the desk that decides, and the public list.
package creditweb
