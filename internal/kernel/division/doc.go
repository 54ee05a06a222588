// Package division knows the administrative divisions of the country (GB/T 2260:
// provinces, cities, counties), and those that an installation has of its own,
// down to towns. A Tree never changes; adding to it makes another.
package division
