// Package index finds items by what people type: everyday questions, names,
// abbreviations, pinyin in full or by initials, traditional characters, words
// of other letters, codes, and all of these with a slip in them.
//
//	question ─▶ normalise ─▶ take everyday words away ─▶ units ─▶ postings ─▶ best few looked at closely
//	                                                     │
//	                               each with what else people call it (synonyms.txt)
//
// # How it works
//
// Texts are cut into pairs of neighbouring Chinese characters and words of
// other letters; for each there is a list of the documents that have it, with
// the weight of the field that it stands in. A question is cut into units: a
// stretch that the list of synonyms knows, with the ways to say it, or a
// stretch that it does not. A document scores for each unit by the best way
// that it covers, pairs that are rare counting more (as in TF-IDF without the
// TF), and units together by their weight. So a slip in one character costs
// two pairs and no more. The best are looked at again: how much of their name
// was asked for, whether they do what was asked (new, change, renew, replace,
// cancel), and whether they are to be applied for or only looked up.
//
// Chinese that hardly finds anything is tried once more by its sound, pairs of
// syllables instead of pairs of characters, which mends homophones. Letters are
// tried as words, as initials (three at a time) and, cut into syllables, as
// pinyin.
//
// The words are files in lexicon/, which people who do not program can read
// and change: everyday.txt (taken away), synonyms.txt (said otherwise),
// actions.txt, traditional.txt. An installation adds synonyms of its own.
//
// # Invariants
//
//   - An Index never changes and may be searched by many at once.
//   - The same question finds the same documents in the same order.
//   - Memory is about half a kilobyte for a document with a name alone.
package index
