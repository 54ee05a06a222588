package grantweb

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/matching/grant"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/sheet"
	"github.com/tongban/tongban/internal/platform/view"
)

func (d *batchPage) pays() bool { return grant.Pays(d.Actor, d.DepartmentID) }

// mayList says that the next payment list can be made.
func (d *batchPage) mayList() bool {
	return d.pays() && !d.AwardedAt.IsZero() && d.Cases.Ready.N > 0 && d.openList() == nil
}

func (d *batchPage) mayRetry() bool {
	return d.pays() && !d.AwardedAt.IsZero() && d.Cases.Faults+d.Cases.Todo > 0
}

func (d *batchPage) openList() *grant.List {
	for i := range d.Lists {
		if d.Lists[i].State == grant.ListOpen {
			return &d.Lists[i]
		}
	}
	return nil
}

// inHand says that the forms of a payment list are shown: of the one that was asked
// for, else of the last.
func (d *batchPage) inHand(l grant.List) bool {
	if d.listOf(d.List) != nil {
		return l.ID == d.List
	}
	return l.ID == d.Lists[len(d.Lists)-1].ID
}

func (d *batchPage) listOf(id string) *grant.List {
	for i := range d.Lists {
		if d.Lists[i].ID == id {
			return &d.Lists[i]
		}
	}
	return nil
}

func (d *batchPage) mayPaid(l grant.List) bool {
	return l.State == grant.ListOpen && grant.MayEnter(d.Actor, &d.Batch, &l)
}

func (d *batchPage) mayBounce(l grant.Line) bool {
	list := d.listOf(l.ListID)
	return list != nil && (l.State == grant.Confirmed || l.State == grant.PaidOut) && grant.MayEnter(d.Actor, &d.Batch, list)
}

func (d *batchPage) mayClaw(l grant.Line) bool {
	return l.Clawable() && grant.MayClaw(d.Actor, &d.Batch) && !grant.MadeList(d.Actor, d.Stood, l.ID)
}

func (d *batchPage) mayGiveUp(l grant.Line) bool {
	return l.Hopeless() && !d.AwardedAt.IsZero() && grant.MayClaw(d.Actor, &d.Batch)
}

// off is what stood on a payment list and was not paid in the end, and its sum.
func (d *batchPage) off(list string, what grant.Outcome) (out []grant.ListLine, sum grant.Tally) {
	for _, x := range d.Stood {
		if x.ListID == list && x.Outcome == what {
			out, sum.N, sum.Sum = append(out, x), sum.N+1, sum.Sum+x.Sum
		}
	}
	return out, sum
}

// offText says what became of such a line.
func (d *batchPage) offText(ctx context.Context, x grant.ListLine) string {
	if x.Voucher != "" {
		return i18n.T(ctx, "grant.pay.off_voucher", "firm", x.Name, "sum", x.Sum.String(), "reason", x.Reason, "day", dayWords(ctx, x.Day), "voucher", x.Voucher, "who", d.People[x.By])
	}
	return i18n.T(ctx, "grant.pay.off_line", "firm", x.Name, "sum", x.Sum.String(), "reason", x.Reason, "who", d.People[x.By])
}

func (d *batchPage) mayRecover(l grant.Line) bool {
	return d.pays() && l.State == grant.Clawed && l.Owed > 0 && l.Recovered == ""
}

// mayPay says that something can be done about a line once the answers are closed.
func (d *batchPage) mayPay(l grant.Line) bool {
	return d.mayBounce(l) || d.mayClaw(l) || d.mayGiveUp(l) || d.mayRecover(l)
}

// paid enters that the treasury paid a list.
func (p *Pages) paid(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	ref, list := refOf(r, f), r.PathValue("list")
	_, err = p.Service.Paid(r.Context(), auth.From(r.Context()), grant.Payment{Ref: ref, List: list, On: f.Value("paid_on"), Voucher: f.Value("voucher")})
	if err != nil {
		return p.refused(w, r, f, err, func(d *batchPage) { d.Do, d.List = "paid", list })
	}
	p.Sessions.Flash(r.Context(), "grant.flash.paid")
	return httpx.SeeOther(w, r, batchPath(ref.ID)+"#pay")
}

// void withdraws a payment list.
func (p *Pages) void(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	ref, list := refOf(r, f), r.PathValue("list")
	reason := f.Text("void_reason", form.Required, form.Max(300))
	if err = grant.ErrInvalid; f.OK() {
		_, err = p.Service.VoidList(r.Context(), auth.From(r.Context()), ref, list, reason)
	}
	if err != nil {
		return p.refused(w, r, f, err, func(d *batchPage) { d.Do, d.List = "void", list })
	}
	p.Sessions.Flash(r.Context(), "grant.flash.line")
	return httpx.SeeOther(w, r, batchPath(ref.ID)+"#pay")
}

// file hands a payment list out.
func (p *Pages) file(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	ctx, list := r.Context(), r.PathValue("list")
	reason := f.Text("file_reason", form.Required, form.Max(300))
	var x grant.File
	if err = grant.ErrInvalid; f.OK() {
		x, err = p.Service.File(ctx, auth.From(ctx), r.PathValue("id"), list, reason)
	}
	if err != nil {
		return p.refused(w, r, f, err, func(d *batchPage) { d.Do, d.List = "file", list })
	}
	if f.Value("format") == string(sheet.CSV) {
		httpx.Attachment(w, sheet.CSV.MediaType(), x.Number+sheet.CSV.Extension())
		_, _ = w.Write([]byte(x.CSV)) // a reader who left is no error of ours
		return nil
	}
	var out bytes.Buffer
	if err := workbook(&out, x); err != nil {
		return err
	}
	httpx.Attachment(w, sheet.XLSX.MediaType(), x.Number+sheet.XLSX.Extension())
	_, _ = w.Write(out.Bytes())
	return nil
}

// workbook writes a payment list as XLSX: sums are numbers, accounts are texts.
func workbook(out *bytes.Buffer, x grant.File) error {
	book, err := sheet.NewBook(out, x.Number)
	if err != nil {
		return err
	}
	for n, row := range x.Rows {
		cells := make([]any, len(row))
		for i, c := range row {
			cells[i] = c
			if n == 0 || i != 0 && i != sumColumn {
				continue
			}
			v, bad := strconv.ParseFloat(c, 64)
			if bad != nil {
				return bad
			}
			if cells[i] = v; i == sumColumn {
				cells[i] = sheet.Money(v)
			}
		}
		err = errors.Join(err, book.Write(0, cells...))
	}
	return errors.Join(err, book.Close())
}

// sumColumn of a payment list.
const sumColumn = 5

func (d *batchPage) payPairs(ctx context.Context) []view.Pair {
	t, c := d.Tallies, d.Cases
	var out []view.Pair
	add := func(key string, n grant.Tally) {
		if n.N > 0 {
			out = append(out, view.Pair{Key: i18n.T(ctx, key), Value: i18n.T(ctx, "grant.pay.n_sum", "n", n.N, "sum", n.Sum.String())})
		}
	}
	out = append(out, view.Pair{Key: i18n.T(ctx, "grant.pay.cases"), Value: i18n.T(ctx, "grant.lines_n", "n", c.Made)})
	add("grant.pay.ready", c.Ready)
	add("grant.pay.gone", c.Gone)
	add("grant.pay.done", t[grant.PaidOut])
	add("grant.pay.bounced", t[grant.Bounced])
	add("grant.pay.clawed", t[grant.Clawed])
	add("grant.pay.owed", c.Owed)
	return out
}

// fundText is the fund that pays, and what is left in it.
func (d *batchPage) fundText(ctx context.Context) string {
	switch {
	case d.Batch.Fund() == "":
		return i18n.T(ctx, "grant.fund_none")
	case d.FundName.IsZero():
		return i18n.T(ctx, "grant.fund_unknown")
	}
	return i18n.T(ctx, "grant.fund_left", "name", d.FundName, "left", d.Left.String())
}

// short says that the fund has less than the list wants, before it is released.
func (d *batchPage) short() bool {
	return d.Batch.Fund() != "" && (d.Batch.State == grant.Drafted || d.Batch.State == grant.Checked) && d.Left < d.Tallies[grant.Listed].Sum
}

// sumText is what a payment list pays, and what of it came back.
func (d *batchPage) sumText(ctx context.Context, l grant.List) string {
	if _, back := d.off(l.ID, grant.WasBounced); back.N > 0 {
		return i18n.T(ctx, "grant.pay.n_sum_back", "n", l.Lines, "sum", l.Sum.String(), "back", back.N, "back_sum", back.Sum.String())
	}
	return i18n.T(ctx, "grant.pay.n_sum", "n", l.Lines, "sum", l.Sum.String())
}

func (d *batchPage) listPairs(ctx context.Context, l grant.List) []view.Pair {
	out := []view.Pair{
		{Key: i18n.T(ctx, "grant.col.state"), Value: i18n.T(ctx, "grant.paylist."+string(l.State))},
		{Key: i18n.T(ctx, "grant.my.sum"), Value: d.sumText(ctx, l)},
		{Key: i18n.T(ctx, "grant.pay.made_by"), Value: d.People[l.MadeBy] + " · " + i18n.FormatDateTime(ctx, l.MadeAt)},
	}
	if l.State == grant.ListPaid {
		out = append(
			out, view.Pair{Key: i18n.T(ctx, "grant.pay.on"), Value: dayWords(ctx, l.PaidOn)}, view.Pair{Key: i18n.T(ctx, "grant.pay.voucher"), Value: l.Voucher},
			view.Pair{Key: i18n.T(ctx, "grant.pay.entered_by"), Value: d.People[l.PaidBy] + " · " + i18n.FormatDateTime(ctx, l.PaidAt)},
		)
	}
	return append(out, view.Pair{Key: i18n.T(ctx, "grant.pay.checksum"), Component: checksum(parted(l.SHA256))})
}

// parted breaks a checksum so that it fits a small screen and can be compared.
func parted(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i += 8 {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(s[i:min(i+8, len(s))])
	}
	return b.String()
}

func backOnIn(ctx context.Context) view.In {
	return view.In{Name: "back_on", Type: "date", Label: i18n.T(ctx, "grant.pay.recovered_on"), Required: true, Width: "sm"}
}

func backVoucherIn(ctx context.Context) view.In {
	return view.In{Name: "back_voucher", Label: i18n.T(ctx, "grant.pay.back_voucher"), Hint: i18n.T(ctx, "grant.pay.voucher_hint"), Required: true, MaxLength: 60}
}

func recoveredIn(ctx context.Context) view.In {
	return view.In{Name: "on", Type: "date", Label: i18n.T(ctx, "grant.pay.recovered_on"), Required: true, Width: "sm"}
}

func paidOnIn(ctx context.Context) view.In {
	return view.In{Name: "paid_on", Type: "date", Label: i18n.T(ctx, "grant.pay.on"), Required: true, Width: "sm"}
}

func voucherIn(ctx context.Context) view.In {
	return view.In{Name: "voucher", Label: i18n.T(ctx, "grant.pay.voucher"), Hint: i18n.T(ctx, "grant.pay.voucher_hint"), Required: true, MaxLength: 60}
}

func fileIn(ctx context.Context) view.In {
	return view.In{Name: "file_reason", Label: i18n.T(ctx, "grant.pay.file_reason"), Hint: i18n.T(ctx, "grant.pay.file_hint"), Required: true, MaxLength: 300, Rows: 2}
}

func listPath(id, list, what string) string { return batchPath(id) + "/lists/" + list + "/" + what }
