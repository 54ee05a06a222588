package idcode

import (
	"strings"
	"testing"
	"testing/quick"
	"unicode/utf8"
)

func TestMasks(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		mask func(string) string
		want map[string]string
	}{
		"name": {MaskName, map[string]string{
			"": "", "张": "*", "张三": "张*", "李晓敏": "李*敏", " 欧阳娜娜 ": "欧**娜", "阿卜杜·热合曼": "阿*****曼", "Li Min": "L****n",
		}},
		"ID": {MaskID, map[string]string{
			"": "", "371602199001010018": "371602********0018", "37160219920315006x": "371602********006X",
			"371602900101001": "371602*****1001", "E12345678": "E******78", "123456": "******", "12": "**",
		}},
		"phone": {MaskPhone, map[string]string{
			"": "", "13812343210": "138****3210", "+86 138 1234 3210": "138****3210", "0543-3212345": "0543-***2345",
			"010-62345678": "010-****5678", "0543-3212345-801": "0543-***2345", "12345": "*****", "0543-12345": "********45",
			"+1 202 555 0100": "**********00", "无": "*",
		}},
		"account": {MaskAccount, map[string]string{
			"": "", "6222000012345678": "****5678", "6222 0000 1234 5678": "****5678", "12345678": "****5678", "1234567": "*******",
		}},
		"email": {MaskEmail, map[string]string{
			"": "", "demo@example.org": "d***@example.org", "a@b.cn": "a***@b.cn", "敏@例子.cn": "敏***@例子.cn",
			"@example.org": "***", "nobody": "***",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for in, want := range tt.want {
				if got := tt.mask(in); got != want {
					t.Errorf("%q -> %q, want %q", in, got, want)
				}
			}
		})
	}
}

func TestMasksHideSomethingOfAnything(t *testing.T) {
	t.Parallel()
	for name, mask := range map[string]func(string) string{"name": MaskName, "ID": MaskID, "phone": MaskPhone, "email": MaskEmail, "account": MaskAccount} {
		hides := func(s string) bool {
			s = strings.ToValidUTF8(s, "")
			got := mask(s)
			return got == "" || strings.Contains(got, "*") && utf8.ValidString(got)
		}
		if err := quick.Check(hides, &quick.Config{MaxCount: 2000}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Checks take whatever people paste; none may panic or pass it.
func FuzzChecks(f *testing.F) {
	for _, s := range []string{"", "91371602MA3TETQ0X0", "371602900101001", "44010200200Y", "+86", "1.2.156.3005.2.....", "\xff０", "转1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, r := range []Result{
			CheckUSCC(s), CheckOrgCode(s), CheckResidentID(s).Result, CheckItemCode(s).Result,
			CheckCertificateID(s).Result, CheckPhone(s),
		} {
			if (r.Verdict == Valid) != (r.Reason == "") || r.Verdict == "" {
				t.Errorf("%q: %+v", s, r)
			}
		}
		_ = MaskName(s) + MaskID(s) + MaskPhone(s) + MaskEmail(s)
	})
}
