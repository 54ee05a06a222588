package forms

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/idcode"
)

// Sample types something that passes the checks into every field of a form
// that is shown under the answers so far and required (and into some others).
// A repeating section gets as many rows as it wants, and at least one when it is
// asked for; shares in percent of its rows come to a hundred. Tests and the year
// of history of the demonstration fill their forms with it; the same seed gives
// the same values.
func Sample(item *catalogue.Item, answers map[string]any, seed uint64) Typed {
	rng := rand.New(rand.NewPCG(seed, 0x746f6e67)) //nolint:gosec // not a secret
	out := Typed{}
	for _, s := range item.Form.Sections {
		if s.Repeat != nil {
			sampleRows(out, s, answers, rng)
			continue
		}
		for _, f := range s.Fields {
			if f.Formula != "" || !Opens(f, answers) || (!f.Required && rng.IntN(2) == 0) {
				continue
			}
			if v := sampleValue(f, rng); len(v) > 0 {
				out[f.ID] = v
			}
		}
	}
	return out
}

// sampleRows fills the rows that are there, or makes them.
func sampleRows(out Typed, s catalogue.Section, answers map[string]any, rng *rand.Rand) {
	if !OpensGroup(s, answers) {
		return
	}
	there := RowsOf(answers[s.Key])
	n := min(max(s.Repeat.Min, 1+rng.IntN(2)), s.Repeat.Most())
	if len(there) > 0 {
		n = max(s.Repeat.Min, len(there))
	}
	for i := range n {
		row, id := map[string]any{}, "n"+itoa(i+1)
		if i < len(there) {
			row, id = there[i], RowID(there[i])
		}
		out[s.Key] = append(out[s.Key], id)
		for _, f := range s.Fields {
			if f.Formula != "" || !OpensIn(f, answers, row, "") || (!f.Required && rng.IntN(2) == 0) {
				continue
			}
			v := sampleValue(f, rng)
			if f.Type == catalogue.FieldPercent {
				v = []string{strconv.Itoa(share(i, n))}
			}
			if len(v) > 0 {
				out[catalogue.FieldName(s.Key, id, f.ID)] = v
			}
		}
	}
}

// share of row i of n: equal parts of a hundred, the rest with the first.
func share(i, n int) int {
	if i == 0 {
		return 100 - (n-1)*(100/n)
	}
	return 100 / n
}

func sampleValue(f catalogue.Field, rng *rand.Rand) []string {
	pick := func(list ...string) []string { return []string{list[rng.IntN(len(list))]} }
	switch f.Type {
	case catalogue.FieldAddress:
		return TypedAddress("371602", pick(samplePlaces...)[0])
	case catalogue.FieldPercent:
		return []string{strconv.Itoa(1 + rng.IntN(60))}
	case catalogue.FieldBankAccount:
		return []string{fmt.Sprintf("62220000%08d", rng.IntN(100_000_000))}
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
		for _, w := range sampleWords {
			if strings.Contains(f.Label.ZH, w.label) {
				return bounded(f, pick(w.texts...))
			}
		}
		return bounded(f, pick("智能传感器产线改造项目", "高性能涂层材料研发", "海洋装备关键部件试制", "水产育种技术服务", "工业数据采集平台"))
	}
}

// sampleWords are what people write where a label asks for it; the first label
// that fits decides.
var sampleWords = []struct {
	label string
	texts []string
}{
	{"地址", samplePlaces},
	{"住所", samplePlaces},
	{"地点", samplePlaces},
	{"位置", samplePlaces},
	{"电话", []string{"0543-8100231", "0543-8100467", "0543-8100892"}},
	{"邮编", []string{"256600", "256606"}},
	{"开户", sampleBanks},
	{"银行", sampleBanks},
	{"代码", []string{"2025-371671-35-03-0180", "2025-371671-39-03-0426"}},
	{"品牌", []string{"海川", "东衡", "渤仪"}},
	{"型号", []string{"BH-200", "HC-35A", "DM-1080"}},
	{"规格", []string{"BH-200", "HC-35A", "DM-1080"}},
	{"设备", []string{"数控加工中心", "高低温试验箱", "激光切割机"}},
	{"公司名称", sampleFirms},
	{"企业名称", sampleFirms},
	{"单位名称", sampleFirms},
	{"户名", sampleFirms},
	{"项目", []string{"智能传感器产线改造项目", "高性能涂层材料研发", "海洋装备关键部件试制"}},
	{"姓名", samplePeople},
	{"联系人", samplePeople},
	{"负责人", samplePeople},
	{"代表人", samplePeople},
	{"经办人", samplePeople},
	{"管理人员", samplePeople},
	{"人员", samplePeople},
	{"专业", []string{"机械工程", "材料科学与工程", "生物工程"}},
	{"学校", []string{"渤海理工大学", "滨海海洋大学"}},
	{"职务", []string{"总经理", "技术负责人", "行政主管"}},
	{"职称", []string{"工程师", "高级工程师"}},
	{"文号", []string{"渤科创〔2025〕12号", "渤科创〔2025〕35号"}},
	{"编号", []string{"BH2025-0318", "BH2025-1106", "BH2025-0722"}},
	{"证号", []string{"BH2025-0318", "BH2025-1106", "BH2025-0722"}},
}

var (
	samplePlaces = []string{"渤海科技创新区创新路18号", "渤海科技创新区海韵街6号2层", "城东区振业路102号"}
	sampleBanks  = []string{"渤海商业银行创新区支行", "城东农村商业银行营业部"}
	sampleFirms  = []string{"渤海智联传感科技有限公司", "渤海海川装备有限公司"}
	samplePeople = []string{"周文博", "李海宁", "陈雨桐", "王立新"}
)

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
