package cases

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strconv"
	"strings"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/platform/auth"
)

// Sample types something that passes the checks into every field of a form
// that is shown under the answers so far and required (and into some others).
// Tests and the year of history of the demonstration fill their forms with it;
// the same seed gives the same values.
func Sample(item *catalogue.Item, answers map[string]any, seed uint64) Typed {
	rng := rand.New(rand.NewPCG(seed, 0x746f6e67)) //nolint:gosec // not a secret
	out := Typed{}
	for _, s := range item.Form.Sections {
		for _, f := range s.Fields {
			if !Opens(f, answers) || (!f.Required && rng.IntN(2) == 0) {
				continue
			}
			if v := sampleValue(f, rng); len(v) > 0 {
				out[f.ID] = v
			}
		}
	}
	return out
}

// TypeSample fills the form of a case as a person would, with what is known and
// samples for the rest: an answer can open further fields, so it takes a few
// passes, and what is known but does not fit this item is typed anew. change
// sets values over both; "collect" is how the result is wanted.
func (s *Service) TypeSample(ctx context.Context, who auth.Actor, id ID, seed uint64, change map[string]string) error {
	for pass := range 4 {
		f, err := s.Form(ctx, who, id)
		if err != nil {
			return err
		}
		if pass > 1 && len(f.Bad) == 0 {
			return nil
		}
		posted := url.Values{}
		for k, v := range f.Buffer.Typed {
			posted[k] = v
		}
		for _, bad := range f.Bad {
			posted.Del(bad.Name)
		}
		for k, v := range Sample(f.Item, f.Answers, seed+uint64(pass)) {
			if len(posted[k]) == 0 {
				posted[k] = v
			}
		}
		for k, v := range change {
			posted.Set(k, v)
		}
		if _, err := s.SaveTyped(ctx, who, id, f.Buffer.Rev, posted); err != nil {
			return err
		}
	}
	return nil
}

// AttachSample hands in a small document for each material that is missing or
// could come later.
func (s *Service) AttachSample(ctx context.Context, who auth.Actor, id ID) error {
	f, err := s.Form(ctx, who, id)
	if err != nil {
		return err
	}
	for _, m := range f.Materials {
		if m.How != Missing && m.How != Later {
			continue
		}
		body := fmt.Sprintf("%%PDF-1.4\n%% %s %s\n%%%%EOF\n", id, m.Key)
		if _, err := s.Attach(ctx, who, id, m.Key, m.Key+".pdf", strings.NewReader(body), 1<<20); err != nil {
			return err
		}
	}
	return nil
}

func sampleValue(f catalogue.Field, rng *rand.Rand) []string {
	pick := func(list ...string) []string { return []string{list[rng.IntN(len(list))]} }
	switch f.Type {
	case catalogue.FieldNumber, catalogue.FieldMoney:
		low, high := 1.0, 200.0
		if f.Type == catalogue.FieldMoney {
			low, high = 10_000, 800_000
		}
		if f.Min != nil {
			low = *f.Min
		}
		if f.Max != nil {
			high = min(*f.Max, max(high, low))
		}
		return []string{strconv.FormatFloat(float64(int64(low+(high-low)*rng.Float64())), 'f', -1, 64)}
	case catalogue.FieldDate:
		return []string{fmt.Sprintf("2025-%02d-%02d", 1+rng.IntN(12), 1+rng.IntN(28))}
	case catalogue.FieldChoice, catalogue.FieldMulti:
		if len(f.Options) == 0 {
			return nil
		}
		return []string{f.Options[rng.IntN(len(f.Options))].Value}
	case catalogue.FieldYesNo:
		return pick("yes", "no", "no")
	case catalogue.FieldUSCC:
		return []string{idcode.WithUSCCCheck("91371671MA3T0" + fmt.Sprintf("%04d", rng.IntN(10000)))}
	case catalogue.FieldIDCard:
		return []string{idcode.WithResidentIDCheck(fmt.Sprintf("3716021990%02d%02d%03d", 1+rng.IntN(12), 1+rng.IntN(28), rng.IntN(1000)))}
	case catalogue.FieldPhone:
		return []string{fmt.Sprintf("1390001%04d", rng.IntN(10000))}
	case catalogue.FieldEmail:
		return []string{fmt.Sprintf("contact%d@firm.example", rng.IntN(1000))}
	case catalogue.FieldTextarea:
		return bounded(f, pick(
			"项目已完成前期准备，场地、人员和设备均已落实，现按规定提出申请。",
			"因业务发展需要提出申请，所附材料真实完整，愿意配合现场核查。",
			"本单位已具备办理条件，相关制度和人员已配备到位，恳请审核。",
		))
	default:
		return bounded(f, pick("智能传感器产线改造项目", "高性能涂层材料研发", "海洋装备关键部件试制", "水产育种技术服务", "工业数据采集平台"))
	}
}

// bounded fits a text into the limits of its field.
func bounded(f catalogue.Field, v []string) []string {
	r := []rune(v[0])
	if f.Max != nil && len(r) > int(*f.Max) {
		r = r[:int(*f.Max)]
	}
	if f.Min != nil && len(r) < int(*f.Min) {
		r = []rune(strings.Repeat(string(r), int(*f.Min)/len(r)+1))[:max(int(*f.Min), len(r))]
	}
	return []string{string(r)}
}
