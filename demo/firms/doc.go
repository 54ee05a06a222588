// Package firms invents the enterprises of the demonstration beyond those that
// are written down in demo/zone: a science-and-technology zone with its long
// tail of small firms, each with a responsible person, yearly figures,
// certificates on file and now and then a record of trust.
//
// The same seed, number and day give the same firms; a greater number begins
// with those of a smaller one. What hangs together in life hangs together here:
//
//   - figures: parts stay below their wholes; profit comes from revenue and
//     costs, tax from revenue and profit, net assets from those of the year
//     before and the result; R&D follows trade and kind of firm. A figure that a
//     firm did not state is missing, not zero.
//   - qualifications follow the published tables (科技型中小企业 国科发政〔2017〕115号,
//     高新技术企业 国科发火〔2016〕32号, 创新型 and 专精特新中小企业, 小巨人, 瞪羚):
//     see Judge. Most firms that fit hold them, some do not, some lie just on
//     the line, some ends are near, and some have lost what they held.
//   - codes, numbers and dates keep their rules, and no date lies in the future.
//
// Nobody here exists. Names are drawn from pools and kept away from well-known
// ones; identity numbers have orders above 900, which register offices hardly
// give out; telephones lie in the block that the demonstration uses.
package firms
