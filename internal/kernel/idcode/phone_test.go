package idcode

import "testing"

func TestCheckPhone(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]Result{
		"13812345678":         valid("13812345678"),
		"138 1234 5678":       valid("13812345678"),
		"138-1234-5678":       valid("13812345678"),
		"+86 138 1234 5678":   valid("13812345678"),
		"+86-13812345678":     valid("13812345678"),
		"0086 13812345678":    valid("13812345678"),
		"86 13812345678":      valid("13812345678"),
		"１９９１２３４５６７８":         valid("19912345678"),
		"0543-3212345":        valid("0543-3212345"),
		"05433212345":         valid("0543-3212345"),
		"（0543）3212345":       valid("0543-3212345"),
		"(0543) 321-2345":     valid("0543-3212345"),
		"0543—3212345":        valid("0543-3212345"),
		"0531-82345678":       valid("0531-82345678"),
		"010-62345678":        valid("010-62345678"),
		"020 8234 5678":       valid("020-82345678"),
		"+86 543 3212345":     valid("0543-3212345"),
		"+86 (0543) 3212345":  valid("0543-3212345"),
		"+86 10 6234 5678":    valid("010-62345678"),
		"0543-3212345-801":    valid("0543-3212345-801"),
		"0543-3212345-8":      valid("0543-3212345-8"),
		"0543-3212345转801":    valid("0543-3212345-801"),
		"05433212345 分机 801":  valid("0543-3212345-801"),
		"0543-3212345 ext.80": valid("0543-3212345-80"),

		"12345":        unconfirmed("12345", ReasonService),
		"0543-12345":   unconfirmed("0543-12345", ReasonService),
		"020-12345":    unconfirmed("020-12345", ReasonService),
		"400-123-4567": unconfirmed("4001234567", ReasonService),
		"96588":        unconfirmed("96588", ReasonService),

		"":                     invalid("", ReasonEmpty),
		"3212345":              invalid("3212345", ReasonAreaCode),
		"82345678":             invalid("82345678", ReasonAreaCode),
		"001-62345678":         invalid("001-62345678", ReasonAreaCode),
		"12812345678":          invalid("12812345678", ReasonPrefix),
		"0543-1212345":         invalid("0543-1212345", ReasonPrefix),
		"1381234567":           invalid("1381234567", ReasonLength),
		"138123456789":         invalid("138123456789", ReasonLength),
		"010-6234567":          invalid("010-6234567", ReasonLength),
		"0543-321234":          invalid("0543-321234", ReasonLength),
		"0543-3212345/3212346": invalid("0543-3212345/3212346", ReasonAlphabet),
		"13812345678a":         invalid("13812345678A", ReasonAlphabet),
		"电话":                   invalid("电话", ReasonAlphabet),
		"+1 202 555 0100":      invalid("+12025550100", ReasonAlphabet),
	} {
		if got := CheckPhone(in); got != want {
			t.Errorf("CheckPhone(%q) = %+v, want %+v", in, got, want)
		}
		if want.Verdict != Invalid {
			if got := CheckPhone(want.Normalised); got != want {
				t.Errorf("checking %q again gives %+v", want.Normalised, got)
			}
		}
	}
}
