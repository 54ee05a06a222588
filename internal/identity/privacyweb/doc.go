// Package privacyweb has the page of one's own data, and the one on which staff
// say why they have to see somebody's numbers whole.
package privacyweb
