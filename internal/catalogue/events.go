package catalogue

// Published says that an item has a new published version. Cases that are open
// stay under theirs.
type Published struct {
	ItemID    string
	VersionID string
	Code      string
}
