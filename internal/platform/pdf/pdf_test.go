package pdf_test

import (
	"bytes"
	"image"
	"image/color"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/platform/pdf"
)

func sample() *pdf.Doc {
	d := pdf.New(pdf.Info{
		Title: "受理通知书", Author: "科学技术局", Lang: "zh-CN", Created: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), Watermark: "仅供办理使用", Foot: []string{"查验码 abcd"},
		Page: func(n, of int) string {
			return "第 " + string(rune('0'+n)) + " 页，共 " + string(rune('0'+of)) + " 页"
		},
	})
	d.Title("受理通知书")
	d.Centre("编号：371671-20260302-00001-SL1")
	d.Address("欧阳𬭎与㐂𠮷：")
	d.Para("您好。我们于2026年3月2日收到您提出的“实验动物使用许可（新申请）”申请。经审查，申请材料齐全，符合法定形式，决定予以受理。依照《中华人民共和国行政许可法》第三十二条、第四十二条的规定，我们将在规定的期限内作出决定。")
	rows := [][]string{}
	for i := range 60 {
		rows = append(rows, []string{string(rune('A' + i%26)), "实验动物设施平面图，标明洁污分区、人流物流方向以及比例尺", "已上传"})
	}
	d.Table([]string{"序号", "材料名称", "情况"}, []float64{1, 6, 2}, rows)
	d.Table(nil, []float64{1, 3}, [][]string{{"办理部门", "科学技术局"}})
	img := image.NewGray(image.Rect(0, 0, 40, 20))
	img.Set(3, 3, color.Gray{Y: 200})
	d.Picture("签名：", img, 120, 40)
	d.Lines("交件人：", "接件人：")
	d.Sign("科学技术局", "（盖章）", "2026年3月2日")
	if err := d.QR("https://example.test/verify/abcd", []string{"扫码查验本文书的真伪。"}); err != nil {
		panic(err)
	}
	return d
}

func extract(t testing.TB, b []byte) string {
	t.Helper()
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("needs pdftotext")
	}
	path := t.TempDir() + "/x.pdf"
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), tool, "-enc", "UTF-8", path, "-").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return string(out)
}

func TestWhatIsWrittenCanBeCopied(t *testing.T) {
	t.Parallel()
	b := sample().Bytes()
	if p := os.Getenv("TONGBAN_PDF_OUT"); p != "" {
		_ = os.WriteFile(p, b, 0o600)
	}
	text := extract(t, b)
	flat := strings.Join(strings.Fields(text), "")
	for _, want := range []string{"受理通知书", "编号：371671-20260302-00001-SL1", "欧阳𬭎与㐂𠮷：", "《中华人民共和国行政许可法》第三十二条、第四十二条", "扫码查验本文书的真伪。", "实验动物设施平面图"} {
		if !strings.Contains(flat, want) {
			t.Errorf("%q cannot be copied out of\n%s", want, text)
		}
	}
	if n := strings.Count(flat, "材料名称"); n < 3 {
		t.Errorf("the heads of the table stand on %d sheets", n)
	}
	if strings.Count(flat, "查验码abcd") < 3 || !strings.Contains(flat, "第1页，共") {
		t.Errorf("foot or page number is missing:\n%s", text)
	}
	for _, l := range strings.Split(text, "\n") {
		if r := []rune(strings.TrimSpace(l)); len(r) > 1 && strings.ContainsRune("，。、；：）》”", r[0]) {
			t.Errorf("a line begins with %q: %s", r[0], l)
		}
	}
}

func TestTheSameDocumentGivesTheSameBytes(t *testing.T) {
	t.Parallel()
	if !bytes.Equal(sample().Bytes(), sample().Bytes()) {
		t.Error("two writings differ")
	}
}

func TestMissingCharactersAreReported(t *testing.T) {
	t.Parallel()
	const gone = '\U00030000' // a character of 2020 that the font does not have
	if pdf.Has(gone) || !pdf.Has('镕') || !pdf.Has('A') {
		t.Fatal("the font has changed")
	}
	d := pdf.New(pdf.Info{Title: "x", Lang: "zh-CN"})
	d.Para("张" + string(gone) + "先生")
	if m := d.Missing(); len(m) != 1 || m[0] != gone {
		t.Errorf("missing: %U", m)
	}
	if text := extract(t, d.Bytes()); !strings.Contains(text, "张"+string(gone)+"先生") {
		t.Errorf("what cannot be shown cannot be copied: %q", text)
	}
}

func BenchmarkNotice(b *testing.B) {
	size := 0
	for b.Loop() {
		d := pdf.New(pdf.Info{Title: "受理通知书", Lang: "zh-CN"})
		d.Title("受理通知书")
		for range 8 {
			d.Para("您好。我们于2026年3月2日收到您提出的“实验动物使用许可（新申请）”申请。经审查，申请材料齐全，符合法定形式，决定予以受理。依照《中华人民共和国行政许可法》第三十二条、第四十二条的规定，我们将在规定的期限内作出决定。")
		}
		d.Sign("科学技术局", "（盖章）", "2026年3月2日")
		if err := d.QR("https://example.test/verify/abcd", []string{"扫码查验本文书的真伪。"}); err != nil {
			b.Fatal(err)
		}
		size = len(d.Bytes())
	}
	b.ReportMetric(float64(size)/1024, "KB/file")
}

// TestALongNameStaysOnTheSheet: a signature is set in lines when it is longer
// than the text is wide.
func TestALongNameStaysOnTheSheet(t *testing.T) {
	t.Parallel()
	for _, dense := range []bool{false, true} {
		d := pdf.New(pdf.Info{Title: "x", Lang: "zh-CN", Dense: dense})
		d.Sign(strings.Repeat("渤海科技创新区高性能膜材料研究中心", 4), "（盖章）", "2026年3月2日")
		text := extract(t, d.Bytes())
		if n := strings.Count(strings.Join(strings.Fields(text), ""), "膜材料研究中心"); n != 4 || strings.Count(strings.TrimSpace(text), "\n") < 3 {
			t.Errorf("dense %v: %q", dense, text)
		}
	}
}
