package catalogue

import "github.com/tongban/tongban/internal/kernel/idcode"

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

// typeRule says to whom an answer of a type is shown, and how much of it.
type typeRule struct {
	personal bool                // for the office alone: never shown to the public
	ofPerson bool                // of who fills the form in rather than of his firm: another one of it is not offered it
	list     func(string) string // as lists and sheets show it, which go past many eyes; nil whole
	file     func(string) string // as the page of a case shows it to staff; nil whole
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
	FieldIDCard:      {personal: true, ofPerson: true, list: idcode.MaskID, file: idcode.MaskID},
	FieldPhone:       {personal: true, ofPerson: true, list: idcode.MaskPhone}, // a desk has to call
	FieldEmail:       {personal: true, ofPerson: true, list: idcode.MaskEmail}, // and to write
	FieldBankAccount: {personal: true, ofPerson: true, list: idcode.MaskAccount, file: idcode.MaskAccount},
	FieldAddress:     {personal: true}, // of an office or a site: an inspector has to find it
}

// Personal says that answers of the type are for the office alone: they are
// never shown to the public.
func (t FieldType) Personal() bool { return typeRules[t].personal }

// OfPerson says that answers of the type tell of the person who fills in a form
// rather than of the firm that he acts for.
func (t FieldType) OfPerson() bool { return typeRules[t].ofPerson }

// InList is an answer of the type as lists and sheets show it.
func (t FieldType) InList(answer any) any { return through(typeRules[t].list, answer) }

// InFile is an answer of the type as the page of a case shows it to staff.
func (t FieldType) InFile(answer any) any { return through(typeRules[t].file, answer) }

func through(mask func(string) string, answer any) any {
	if s, ok := answer.(string); ok && mask != nil {
		return mask(s)
	}
	return answer
}
