package catalogue

import "github.com/tongban/tongban/internal/identity/personal"

// FieldType says how a field is shown and checked.
type FieldType string

// The field types. Answers are text, except number, money and percent (a
// number, money in yuan), yesno ("yes" or "no"), multi (a list of texts) and
// address (code and name of the division, and the detail).
const (
	FieldText        FieldType = "text"
	FieldTextarea    FieldType = "textarea"
	FieldNumber      FieldType = "number"
	FieldMoney       FieldType = "money"
	FieldDate        FieldType = "date"
	FieldChoice      FieldType = "choice"
	FieldMulti       FieldType = "multi"
	FieldYesNo       FieldType = "yesno"
	FieldUSCC        FieldType = "uscc"
	FieldIDCard      FieldType = "idcard"
	FieldPhone       FieldType = "phone"
	FieldEmail       FieldType = "email"
	FieldPercent     FieldType = "percent" // 0 to 100 unless it says otherwise
	FieldBankAccount FieldType = "account" // of a bank: 8 to 30 digits
	FieldAddress     FieldType = "address" // a division, chosen step by step, and what lies in it
)

// FieldTypes lists the types of fields in the order in which one chooses them.
var FieldTypes = []FieldType{
	FieldText, FieldTextarea, FieldNumber, FieldMoney, FieldPercent, FieldDate, FieldChoice, FieldMulti, FieldYesNo,
	FieldUSCC, FieldIDCard, FieldPhone, FieldEmail, FieldBankAccount, FieldAddress,
}

// typeRule says what an answer of a type tells of whom.
type typeRule struct {
	office bool          // for the office alone: never shown to the public
	datum  personal.Kind // what it is in the table of personal data, which says who sees how much of it where
}

// typeRules is the one place that says so; a test holds it against FieldTypes.
var typeRules = map[FieldType]typeRule{
	FieldText:        {},
	FieldTextarea:    {},
	FieldNumber:      {},
	FieldMoney:       {},
	FieldDate:        {},
	FieldChoice:      {},
	FieldMulti:       {},
	FieldYesNo:       {},
	FieldUSCC:        {}, // public
	FieldPercent:     {},
	FieldIDCard:      {office: true, datum: personal.IDNumber},
	FieldPhone:       {office: true, datum: personal.Phone},
	FieldEmail:       {office: true, datum: personal.Email},
	FieldBankAccount: {office: true, datum: personal.Account},
	FieldAddress:     {office: true, datum: personal.Address},
}

// Personal says that answers of the type are for the office alone: they are
// never shown to the public.
func (t FieldType) Personal() bool { return typeRules[t].office }

// Datum is what answers of the type are in the table of personal data.
func (t FieldType) Datum() personal.Kind { return typeRules[t].datum }

// OfPerson says that answers of the type tell of the person who fills in a form
// rather than of the firm that he acts for.
func (t FieldType) OfPerson() bool { return personal.OfPerson(t.Datum()) }

// InList is an answer of the type as lists and sheets show it.
func (t FieldType) InList(answer any) any { return t.at(personal.List, personal.Reader{}, answer) }

// InFile is an answer of the type as the page of a case shows it to a reader.
func (t FieldType) InFile(r personal.Reader, answer any) any { return t.at(personal.File, r, answer) }

func (t FieldType) at(place personal.Place, r personal.Reader, answer any) any {
	if s, ok := answer.(string); ok {
		return personal.Shown(t.Datum(), place, r, s)
	}
	return answer
}
