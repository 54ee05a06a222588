package firms

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tongban/tongban/demo"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/kernel/workday"
)

// All is how many firms the demonstration has, those of demo/zone included.
const All = 1613

// Seed of the firms of the demonstration.
const Seed = 20261122

// firstPhone of the invented block, above those of demo/zone.
const firstPhone = 13_900_010_100

// Generate invents firms until the zone would have n, and a responsible person
// for each, in the same order. What the zone has already is left alone and not
// returned; nothing is given twice.
func Generate(z demo.Zone, n int, today workday.Date, seed uint64) ([]demo.Firm, []demo.Person) {
	g := newGenerator(z, today, seed)
	more := max(0, n-len(z.Firms))
	firms, people := make([]demo.Firm, 0, more), make([]demo.Person, 0, more)
	for i := range more {
		f, p := g.one(i)
		firms, people = append(firms, f), append(people, p)
	}
	return firms, people
}

type generator struct {
	today         workday.Date
	seed          uint64
	taken         map[string]bool // words, codes, logins, names and numbers that are given
	numbers       *numbers
	commissioners []string
	load          map[string]int // firms of each commissioner
}

func newGenerator(z demo.Zone, today workday.Date, seed uint64) *generator {
	g := &generator{today: today, seed: seed, taken: map[string]bool{}, numbers: newNumbers(), load: map[string]int{}}
	for _, list := range [][]string{known, famous} {
		for _, s := range list {
			g.taken[s] = true
		}
	}
	for _, s := range z.Staff {
		g.taken[s.Login], g.taken[s.Name.ZH] = true, true
		if slices.ContainsFunc(s.Posts, func(p demo.Post) bool { return p.Role == "commissioner" && p.Now() }) {
			g.commissioners = append(g.commissioners, s.Login)
		}
	}
	for _, p := range z.People {
		g.taken[p.Login], g.taken[p.Name.ZH], g.taken[p.IDNumber], g.taken[p.Phone] = true, true, true, true
	}
	for _, f := range z.Firms {
		g.taken[f.USCC], g.taken[f.Name.ZH] = true, true
		g.load[f.Commissioner]++
	}
	return g
}

// give says whether nobody has it yet, and gives it away then.
func (g *generator) give(s string) bool {
	if g.taken[s] {
		return false
	}
	g.taken[s] = true
	return true
}

func (g *generator) one(i int) (demo.Firm, demo.Person) {
	d := diceOf(g.seed, i)
	t := weighted(d, trades, func(t trade) int { return t.weight })
	registered := d.registration(g.today)
	n := d.nature(t, registered, g.today)
	seat := weighted(d, seats, func(s seatOf) int { return s.weight })

	f := demo.Firm{
		Industry: t.industry, Region: seat.region, RegisteredOn: registered.String(), CapitalWan: n.capital,
		Address: d.address(seat, t.sector),
	}
	word := g.name(d, &f, n, seat)
	f.USCC = g.uscc(d, seat.region, registered)
	f.Figures = d.figures(n, g.today)
	clean := d.credit(&f, registered, g.today)
	d.certificates(&f, n, Judge(f, g.today), clean, g.today, g.numbers)
	diceOf(g.seed+1, i).titles(&f, clean, g.today, g.numbers)
	f.Facts = Facts(f, g.today, g.seed)

	p := g.person(d, registered)
	p.Phone = strconv.Itoa(firstPhone + i)
	for k := 0; !g.give(p.Phone); k++ { // not in the block of demo/zone, but who knows its next edition
		p.Phone = strconv.Itoa(firstPhone + 5000 + i + k)
	}
	domain := strings.ToLower(strings.ReplaceAll(word, "'", ""))
	for k := 2; !g.give("@" + domain); k++ {
		domain = strings.TrimRight(domain, "0123456789") + strconv.Itoa(k)
	}
	p.Email = p.Login + "@" + domain + ".example"
	f.LegalRepresentative, f.Phone, f.Agents = p.Name.ZH, p.Phone, []string{p.Login}
	f.Email = pick(d, []string{"contact", "info", "office", "service"}) + "@" + domain + ".example"
	f.Commissioner = g.commissioner()
	return f, p
}

// commissioner is who has the fewest firms.
func (g *generator) commissioner() string {
	if len(g.commissioners) == 0 {
		return ""
	}
	who := slices.MinFunc(g.commissioners, func(a, b string) int { return g.load[a] - g.load[b] })
	g.load[who]++
	return who
}

// registration draws a day: many are young, some have been there for decades.
func (d dice) registration(today workday.Date) workday.Date {
	back := 0
	switch n := d.IntN(100); {
	case n < 24:
		back = d.between(20, 3*365)
	case n < 58:
		back = d.between(3*365, 8*365)
	case n < 88:
		back = d.between(8*365, 15*365)
	default:
		back = d.between(15*365, 26*365)
	}
	day := today.AddDays(-back)
	for !workday.Official().IsWorkday(day) {
		day = day.AddDays(-1)
	}
	return day
}

func (d dice) address(s seatOf, where sector) string {
	if s.road != nil {
		return s.zh + pick(d, s.road) + strconv.Itoa(d.between(1, 180)) + "号"
	}
	list := offices
	switch where {
	case making, food:
		list = workshops
	case chemistry:
		list = chemists
	case biomedicine:
		list = doctors
	}
	r := pick(d, list)
	out := s.zh + r.name
	if r.houses > 0 {
		out += strconv.Itoa(d.between(1, r.houses)) + "号"
	}
	park := ""
	if len(r.parks) > 0 {
		park = pick(d, r.parks)
	}
	out += park
	switch {
	case strings.HasSuffix(park, "座"), strings.HasSuffix(park, "楼") && d.chance(60), r.houses == 0:
		floor := d.between(1, 12)
		if d.chance(50) {
			return out + strconv.Itoa(floor) + "层"
		}
		return out + fmt.Sprintf("%d%02d室", floor, d.between(1, 24))
	}
	return out
}

// name of the firm, and its word in Latin letters. No two firms have one word
// in one trade, and none bears a well-known one.
func (g *generator) name(d dice, f *demo.Firm, n nature, seat seatOf) string {
	for {
		a, b := pick(d, wordFirst), pick(d, wordSecond)
		what := pick(d, n.words)
		if a.zh == b.zh || a.en == b.en || g.taken[a.zh+b.zh] {
			continue
		}
		form := w("有限公司", "Co., Ltd.")
		if n.staff > 150 && d.chance(40) {
			form = w("股份有限公司", "Joint Stock Co., Ltd.")
		}
		name := seat.place + a.zh + b.zh + what.ZH + form.ZH
		if !g.give("word:"+a.zh+b.zh) && !d.chance(3) { // a group has a firm of another trade under the same word
			continue
		}
		if !g.give(name) {
			continue
		}
		word := spell(a, b)
		f.Name = i18n.Text{ZH: name, EN: seat.en + " " + word + " " + what.EN + " " + form.EN}
		return word
	}
}

// uscc is a credit code of a company: registered at the market authority (91),
// in the division of its seat, with an organisation code in the manner of its time.
func (g *generator) uscc(d dice, region string, registered workday.Date) string {
	const letters = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	for {
		var org []byte
		switch y := registered.Year(); {
		case y < 2016:
			org = strconv.AppendInt(nil, int64(d.between(10_000_000, 79_999_999)), 10)
		case y < 2021:
			org = append([]byte("MA3"), letters[d.between(10, 30)])
		default:
			org = append([]byte("MA"), "9999ABCDEF"[min(9, y-2020+2)], letters[d.between(1, 30)])
		}
		for len(org) < 8 {
			org = append(org, letters[d.IntN(len(letters))])
		}
		code := idcode.WithUSCCCheck("91" + region + idcode.WithOrgCheck(string(org)))
		if code != "" && g.give(code) {
			return code
		}
	}
}

// person who is responsible: of full age when the firm began, and not past work.
func (g *generator) person(d dice, founded workday.Date) demo.Person {
	woman := d.chance(34)
	born := founded.AddMonths(-12 * d.between(24, 52)).AddDays(-d.IntN(365))
	for g.today.Year()-born.Year() > 74 {
		born = born.AddMonths(12)
	}
	p := demo.Person{}
	for {
		s := weighted(d, surnames, func(s surname) int { return s.weight })
		first := givenFirst
		if born.Year() < 1975 {
			first = givenFirst[:elders]
		} else if born.Year() > 1985 {
			first = givenFirst[elders:]
		}
		second := givenMen
		if woman {
			second = givenWomen
		}
		a, b := pick(d, first), pick(d, second)
		zh := s.zh + a.zh + b.zh
		if a.zh == b.zh || !g.give(zh) {
			continue
		}
		p.Name = i18n.Text{ZH: zh, EN: capital(s.en) + " " + spell(a, b)}
		p.Login = s.en + a.en + b.en
		break
	}
	for base, k := p.Login, 2; !g.give(p.Login); k++ {
		p.Login = base + strconv.Itoa(k)
	}
	for {
		// Orders above 900 are hardly given out; odd ones are men's.
		order := d.between(450, 494) * 2
		if !woman {
			order++
		}
		y, m, day := born.Date()
		p.IDNumber = idcode.WithResidentIDCheck(fmt.Sprintf("%s%04d%02d%02d%03d", pick(d, []string{"371602", "371602", "371602", "371622", "371623"}), y, m, day, order))
		if g.give(p.IDNumber) {
			return p
		}
		born = born.AddDays(1)
	}
}
