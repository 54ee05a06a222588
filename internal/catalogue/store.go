package catalogue

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/db"
)

// State of an item or of a version.
type State string

// The states. An item is Draft, Live, Suspended or Ended; a version is
// Draft, Live or Retired.
const (
	Draft     State = "draft"
	Live      State = "published"
	Suspended State = "suspended"
	Ended     State = "withdrawn" // for good; of no version
	Retired   State = "retired"
)

// Revision is a version of an item in any state, as administrators see it.
type Revision struct {
	ID          string
	ItemID      string
	Number      int
	State       State
	CreatedBy   string // accounts
	CreatedAt   time.Time
	SavedBy     string
	SavedAt     time.Time
	PublishedBy string
	PublishedAt time.Time
	RetiredAt   time.Time
	Version     int // for optimistic locking
	Definition  Definition
}

// Record is an item in any state, as administrators see it.
type Record struct {
	ID         string
	Code       string
	State      State
	VersionID  string // of the published version, "" before the first
	Version    int    // for optimistic locking
	CreatedAt  time.Time
	UpdatedAt  time.Time
	Reason     string // why it is suspended or withdrawn, as applicants read it
	ReplacedBy string // code of what is asked for instead, "" for nothing
}

type store struct{ db *db.DB }

const recordColumns = `id, code, state, version_id, version, created_at, updated_at, reason, replaced_by`

func scanRecord(s db.Scanner) (r Record, err error) {
	return r, s.Scan(&r.ID, &r.Code, &r.State, &r.VersionID, &r.Version, db.Time{Time: &r.CreatedAt}, db.Time{Time: &r.UpdatedAt}, &r.Reason, &r.ReplacedBy)
}

const revisionColumns = `id, item_id, number, state, definition, created_by, created_at, saved_by, saved_at, published_by, published_at, retired_at, version`

func scanRevision(s db.Scanner) (r Revision, err error) {
	return r, s.Scan(&r.ID, &r.ItemID, &r.Number, &r.State, db.JSON[Definition]{V: &r.Definition}, &r.CreatedBy, db.Time{Time: &r.CreatedAt},
		&r.SavedBy, db.Time{Time: &r.SavedAt}, &r.PublishedBy, db.Time{Time: &r.PublishedAt}, db.Time{Time: &r.RetiredAt}, &r.Version)
}

func (s store) record(ctx context.Context, code string) (Record, bool, error) {
	return db.Maybe(ctx, s.db.Read(ctx), scanRecord, `SELECT `+recordColumns+` FROM catalogue_item WHERE code=$1 AND state<>$2`, code, Composed)
}

func (s store) records(ctx context.Context) ([]Record, error) {
	return db.List(ctx, s.db.Read(ctx), scanRecord, `SELECT `+recordColumns+` FROM catalogue_item WHERE state<>$1 ORDER BY code`, Composed)
}

func (s store) insertRecord(ctx context.Context, r Record) error {
	_, err := s.db.Exec(ctx, `INSERT INTO catalogue_item (`+recordColumns+`) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)`,
		r.ID, r.Code, r.State, r.VersionID, r.Version, db.MS(r.CreatedAt), db.MS(r.UpdatedAt), r.Reason, r.ReplacedBy)
	return err
}

// saveRecord writes what can change, if nobody did since it was read.
func (s store) saveRecord(ctx context.Context, r Record) error {
	return s.db.ExecOne(ctx, `UPDATE catalogue_item SET state=$1, version_id=$2, updated_at=$3, reason=$4, replaced_by=$5, version=version+1 WHERE id=$6 AND version=$7`,
		r.State, r.VersionID, db.MS(r.UpdatedAt), r.Reason, r.ReplacedBy, r.ID, r.Version)
}

func (s store) draft(ctx context.Context, itemID string) (Revision, bool, error) {
	return db.Maybe(ctx, s.db.Read(ctx), scanRevision, `SELECT `+revisionColumns+` FROM catalogue_version WHERE item_id=$1 AND state=$2`, itemID, Draft)
}

func (s store) revision(ctx context.Context, id string) (Revision, bool, error) {
	return db.Maybe(ctx, s.db.Read(ctx), scanRevision, `SELECT `+revisionColumns+` FROM catalogue_version WHERE id=$1`, id)
}

func (s store) revisions(ctx context.Context, itemID string) ([]Revision, error) {
	return db.List(ctx, s.db.Read(ctx), scanRevision, `SELECT `+revisionColumns+` FROM catalogue_version WHERE item_id=$1 ORDER BY number DESC`, itemID)
}

// live returns the published versions of all items.
func (s store) live(ctx context.Context) ([]Revision, error) {
	return db.List(ctx, s.db.Read(ctx), scanRevision, `SELECT `+revisionColumns+` FROM catalogue_version WHERE state=$1`, Live)
}

// liveByCode returns the published version of an item that is not suspended.
func (s store) liveByCode(ctx context.Context, code string) (Revision, bool, error) {
	return db.Maybe(ctx, s.db.Read(ctx), scanRevision, `SELECT `+revisionColumns+` FROM catalogue_version
		WHERE state=$1 AND item_id=(SELECT id FROM catalogue_item WHERE code=$2 AND state=$3)`, Live, code, Live)
}

// publishedByCode returns the published version of an item, which may be suspended.
func (s store) publishedByCode(ctx context.Context, code string) (Revision, bool, error) {
	return db.Maybe(ctx, s.db.Read(ctx), scanRevision, `SELECT `+revisionColumns+` FROM catalogue_version
		WHERE state=$1 AND item_id=(SELECT id FROM catalogue_item WHERE code=$2 AND state IN ($3,$4))`, Live, code, Live, Suspended)
}

// lockGeneration makes those who publish go one after the other, from the first
// look on: a bundle must not be put together from what is being replaced.
func (s store) lockGeneration(ctx context.Context) error {
	return s.db.ExecOne(ctx, `UPDATE catalogue_generation SET value=value WHERE id=1`)
}

// liveBundles returns the published versions of the bundles.
func (s store) liveBundles(ctx context.Context) ([]Revision, error) {
	return db.List(ctx, s.db.Read(ctx), scanRevision, `SELECT `+revisionColumns+` FROM catalogue_version
		WHERE state=$1 AND definition->>'family'=$2 ORDER BY id`, Live, Bundled)
}

func (s store) insertRevision(ctx context.Context, r Revision) error {
	_, err := s.db.Exec(ctx, `INSERT INTO catalogue_version (`+revisionColumns+`) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13)`,
		r.ID, r.ItemID, r.Number, r.State, db.ToJSON(r.Definition), r.CreatedBy, db.MS(r.CreatedAt), r.SavedBy, db.MS(r.SavedAt),
		r.PublishedBy, db.MS(r.PublishedAt), db.MS(r.RetiredAt), r.Version)
	return err
}

// saveRevision writes a draft, or publishes it, if nobody changed it since it was read.
func (s store) saveRevision(ctx context.Context, r Revision) error {
	return s.db.ExecOne(ctx, `UPDATE catalogue_version SET number=$1, state=$2, definition=$3, saved_by=$4, saved_at=$5, published_by=$6, published_at=$7, version=version+1
		WHERE id=$8 AND version=$9 AND state=$10`,
		r.Number, r.State, db.ToJSON(r.Definition), r.SavedBy, db.MS(r.SavedAt), r.PublishedBy, db.MS(r.PublishedAt), r.ID, r.Version, Draft)
}

// retire ends the published version of an item, if it has one.
func (s store) retire(ctx context.Context, itemID string, now time.Time) error {
	_, err := s.db.Exec(ctx, `UPDATE catalogue_version SET state=$1, retired_at=$2, version=version+1 WHERE item_id=$3 AND state=$4`,
		Retired, db.MS(now), itemID, Live)
	return err
}

// lastNumber is the highest number among the versions of an item other than one.
func (s store) lastNumber(ctx context.Context, itemID, other string) (int, error) {
	return db.One(ctx, s.db.Read(ctx), db.Scalar[int], `SELECT COALESCE(MAX(number), 0) FROM catalogue_version WHERE item_id=$1 AND id<>$2`, itemID, other)
}

func (s store) generation(ctx context.Context) (int64, error) {
	return db.One(ctx, s.db.Read(ctx), db.Scalar[int64], `SELECT value FROM catalogue_generation WHERE id=1`)
}

func (s store) raiseGeneration(ctx context.Context) error {
	return s.db.ExecOne(ctx, `UPDATE catalogue_generation SET value=value+1 WHERE id=1`)
}

func scanShelf(s db.Scanner) (v Shelf, err error) {
	return v, s.Scan(&v.Key, &v.Position, &v.Icon, db.JSON[i18n.Text]{V: &v.Name}, db.JSON[i18n.Text]{V: &v.Hint})
}

func (s store) shelves(ctx context.Context) ([]Shelf, error) {
	return db.List(ctx, s.db.Read(ctx), scanShelf, `SELECT key, position, icon, name, hint FROM catalogue_shelf ORDER BY position, key`)
}

func (s store) saveShelf(ctx context.Context, v Shelf) error {
	_, err := s.db.Exec(ctx, `INSERT INTO catalogue_shelf (key, position, icon, name, hint) VALUES ($1,$2,$3,$4,$5)
		ON CONFLICT (key) DO UPDATE SET position=excluded.position, icon=excluded.icon, name=excluded.name, hint=excluded.hint`,
		v.Key, v.Position, v.Icon, db.ToJSON(v.Name), db.ToJSON(v.Hint))
	return err
}

func scanTheme(s db.Scanner) (v Theme, err error) {
	return v, s.Scan(&v.Key, &v.Position, &v.Group, db.JSON[i18n.Text]{V: &v.Name})
}

func (s store) themes(ctx context.Context) ([]Theme, error) {
	return db.List(ctx, s.db.Read(ctx), scanTheme, `SELECT key, position, audience, name FROM catalogue_theme ORDER BY position, key`)
}

func (s store) saveTheme(ctx context.Context, v Theme) error {
	_, err := s.db.Exec(ctx, `INSERT INTO catalogue_theme (key, position, audience, name) VALUES ($1,$2,$3,$4)
		ON CONFLICT (key) DO UPDATE SET position=excluded.position, audience=excluded.audience, name=excluded.name, version=catalogue_theme.version+1`, v.Key, v.Position, v.Group, db.ToJSON(v.Name))
	return err
}

func scanLifeEvent(s db.Scanner) (v LifeEvent, err error) {
	var key string
	var position, version int
	err = s.Scan(&key, &position, db.JSON[LifeEvent]{V: &v}, &version)
	v.Position, v.Version = position, version
	return v, err
}

func (s store) lifeEvents(ctx context.Context) ([]LifeEvent, error) {
	return db.List(ctx, s.db.Read(ctx), scanLifeEvent, `SELECT key, position, definition, version FROM catalogue_life_event ORDER BY position, key`)
}

// saveLifeEvent writes an event, if nobody did since it was read.
func (s store) saveLifeEvent(ctx context.Context, v LifeEvent, isNew bool, now time.Time) error {
	if isNew {
		_, err := s.db.Exec(ctx, `INSERT INTO catalogue_life_event (key, position, definition, version, updated_at) VALUES ($1,$2,$3,1,$4)`, v.Key, v.Position, db.ToJSON(v), db.MS(now))
		return err
	}
	return s.db.ExecOne(ctx, `UPDATE catalogue_life_event SET position=$1, definition=$2, updated_at=$3, version=version+1 WHERE key=$4 AND version=$5`,
		v.Position, db.ToJSON(v), db.MS(now), v.Key, v.Version)
}

// noteMiss also forgets what is older than oldest, so that the log stays small.
func (s store) noteMiss(ctx context.Context, id, query string, at, oldest time.Time) error {
	if _, err := s.db.Exec(ctx, `INSERT INTO catalogue_search_miss (id, query, at) VALUES ($1,$2,$3)`, id, query, db.MS(at)); err != nil {
		return err
	}
	_, err := s.db.Exec(ctx, `DELETE FROM catalogue_search_miss WHERE at < $1`, db.MS(oldest))
	return err
}

func (s store) missesSince(ctx context.Context, at time.Time) (int, error) {
	return db.One(ctx, s.db.Read(ctx), db.Scalar[int], `SELECT count(*) FROM catalogue_search_miss WHERE at >= $1`, db.MS(at))
}

func (s store) misses(ctx context.Context, n int) ([]Miss, error) {
	return db.List(ctx, s.db.Read(ctx), func(s db.Scanner) (m Miss, err error) {
		return m, s.Scan(&m.Query, &m.Count, db.Time{Time: &m.LastAt})
	}, `SELECT query, COUNT(*), MAX(at) FROM catalogue_search_miss GROUP BY query ORDER BY COUNT(*) DESC, MAX(at) DESC LIMIT $1`, n)
}

func (s store) favour(ctx context.Context, account, itemID string, now time.Time) error {
	_, err := s.db.Exec(ctx, `INSERT INTO catalogue_favourite (account_id, item_id, created_at) VALUES ($1,$2,$3)
		ON CONFLICT (account_id, item_id) DO NOTHING`, account, itemID, db.MS(now))
	return err
}

func (s store) unfavour(ctx context.Context, account, itemID string) error {
	_, err := s.db.Exec(ctx, `DELETE FROM catalogue_favourite WHERE account_id=$1 AND item_id=$2`, account, itemID)
	return err
}

func (s store) favourites(ctx context.Context, account string) ([]string, error) {
	return db.List(ctx, s.db.Read(ctx), db.Scalar[string], `SELECT item_id FROM catalogue_favourite WHERE account_id=$1 ORDER BY created_at DESC, item_id DESC`, account)
}
