package firms

import (
	"strings"
)

// syllable is a character with its sound.
type syllable struct{ zh, en string }

// syllables reads "恒 heng 岳 yue …".
func syllables(s string) []syllable {
	f := strings.Fields(s)
	out := make([]syllable, 0, len(f)/2)
	for i := 0; i+1 < len(f); i += 2 {
		out = append(out, syllable{f[i], f[i+1]})
	}
	return out
}

// A firm's word has one character of each pool.
var (
	wordFirst = syllables(`恒 heng 启 qi 景 jing 澄 cheng 沐 mu 禾 he 岚 lan 卓 zhuo 衡 heng 朗 lang 鸿 hong 骏 jun 越 yue 诚 cheng 睿 rui 晟 sheng 昊 hao 晨 chen
		泽 ze 凌 ling 拓 tuo 沧 cang 苍 cang 青 qing 墨 mo 砺 li 砚 yan 弘 hong 远 yuan 铭 ming 筑 zhu 屹 yi 峻 jun 鼎 ding 纳 na 极 ji 溯 su 汇 hui 序 xu
		迈 mai 棠 tang 榕 rong 芦 lu 潮 chao 屿 yu 浦 pu 津 jin 湾 wan 渡 du 泓 hong 沛 pei 淼 miao 涵 han 汀 ting 渚 zhu 漫 man 润 run 浩 hao 澎 peng
		耘 yun 穗 sui 苗 miao 芃 peng 蔚 wei 萃 cui 葳 wei 茂 mao 松 song 柏 bai 桐 tong 梧 wu 枫 feng 楠 nan 霁 ji 霄 xiao 虹 hong 霞 xia 曙 shu 曦 xi 旭 xu 昱 yu`)
	wordSecond = syllables(`岳 yue 川 chuan 帆 fan 舟 zhou 鹏 peng 图 tu 峰 feng 岭 ling 野 ye 原 yuan 桥 qiao 林 lin 森 sen 辉 hui 曜 yao 珩 heng 珀 po 瑜 yu 翎 ling
		羽 yu 岩 yan 垣 yuan 域 yu 途 tu 程 cheng 弦 xian 韵 yun 谱 pu 策 ce 衍 yan 矩 ju 规 gui 度 du 维 wei 阶 jie 元 yuan 素 su 质 zhi 铎 duo 钧 jun
		锋 feng 镒 yi 镜 jing 钰 yu 铠 kai 舰 jian 航 hang 港 gang 汐 xi 沙 sha 洲 zhou 澜 lan 漪 yi 溪 xi 泉 quan 渊 yuan 湖 hu 芸 yun 荟 hui 蓝 lan
		荻 di 蒲 pu 苇 wei 槿 jin 桦 hua 栎 li 杉 shan 榆 yu 椿 chun 笙 sheng 笛 di 磐 pan 砾 li 珂 ke 璞 pu 琅 lang 璟 jing 璇 xuan`)
)

// known words of well-known firms, which no invented firm may bear.
var known = strings.Fields(`华为 小米 腾讯 百度 阿里 京东 美团 字节 抖音 网易 新浪 搜狐 联想 中兴 海尔 海信 浪潮 歌尔 大疆 比亚 宁德 格力 美的 恒瑞 恒大 恒源 恒生 恒逸 恒力
	启明 启迪 景嘉 卓越 卓胜 远景 远航 鼎阳 鼎桥 鼎龙 汇川 汇顶 汇元 迈瑞 拓维 拓普 泽璟 鸿蒙 鸿海 昊海 凌云 睿创 睿能 睿远 旭辉 旭阳 曙光 茂硕 润泽 远洋 晨鸣 晨光
	诚志 诚迈 远东 极米 极氪 极致 纳芯 纳思 晨曦 泽达 青岛 青云 苍穹 海康 科大 讯飞 寒武 商汤 旷视 云从 依图 蔚来 理想 小鹏 吉利 奇瑞 长城 潍柴 万华 东阿 鲁泰 魏桥 渤海活塞
	鼎元 恒锋 鸿图 鸿泉 鸿远 弘元 弘阳 浩辰 润达 越秀 景林 昊华 旭升 卓易 晟通 沧海 鹏辉`)

// surname with the share of people who bear it.
type surname struct {
	syllable
	weight int
}

var surnames = func() []surname {
	pool := syllables(`王 wang 李 li 张 zhang 刘 liu 陈 chen 杨 yang 赵 zhao 孙 sun 周 zhou 吴 wu 徐 xu 马 ma 朱 zhu 胡 hu 郭 guo 林 lin 何 he 高 gao 梁 liang 郑 zheng
		罗 luo 宋 song 谢 xie 唐 tang 韩 han 曹 cao 许 xu 邓 deng 萧 xiao 冯 feng 程 cheng 蔡 cai 彭 peng 潘 pan 袁 yuan 于 yu 董 dong 余 yu 苏 su 叶 ye 吕 lv 魏 wei
		蒋 jiang 田 tian 杜 du 丁 ding 沈 shen 姜 jiang 范 fan 江 jiang 傅 fu 钟 zhong 卢 lu 汪 wang 戴 dai 崔 cui 任 ren 陆 lu 廖 liao 姚 yao 方 fang 金 jin 邱 qiu
		夏 xia 谭 tan 韦 wei 贾 jia 邹 zou 石 shi 熊 xiong 孟 meng 秦 qin 阎 yan 薛 xue 侯 hou 雷 lei 白 bai 龙 long 段 duan 郝 hao 孔 kong 邵 shao 史 shi 毛 mao
		常 chang 万 wan 顾 gu 赖 lai 武 wu 康 kang 贺 he 严 yan 尹 yin 钱 qian 施 shi 牛 niu 洪 hong 龚 gong 曲 qu 盖 ge 隋 sui 苗 miao 邢 xing 耿 geng 庄 zhuang`)
	out := make([]surname, len(pool))
	for i, s := range pool {
		out[i] = surname{s, 12 + 400/(i+4)}
	}
	return out
}()

// A given name has one character of each of two pools; women's end on the third.
var (
	givenFirst = syllables(`建 jian 国 guo 志 zhi 文 wen 明 ming 永 yong 德 de 世 shi 家 jia 玉 yu 春 chun 海 hai 红 hong 庆 qing 学 xue 振 zhen 立 li 光 guang 宗 zong 继 ji
		广 guang 承 cheng 景 jing 安 an 怀 huai 思 si 雨 yu 子 zi 浩 hao 梓 zi 一 yi 亦 yi 若 ruo 书 shu 静 jing 晓 xiao 佳 jia 欣 xin 雪 xue 慧 hui 嘉 jia 逸 yi
		润 run 修 xiu 砚 yan 知 zhi 以 yi 云 yun 秉 bing 绍 shao 尚 shang 守 shou 存 cun 长 chang 兆 zhao 鸿 hong 维 wei 运 yun 培 pei 汝 ru 沐 mu`)
	givenMen = syllables(`军 jun 勇 yong 涛 tao 斌 bin 鹏 peng 林 lin 山 shan 河 he 峰 feng 岭 ling 川 chuan 坤 kun 刚 gang 田 tian 生 sheng 民 min 昌 chang 祥 xiang 瑞 rui 泽 ze
		舟 zhou 航 hang 宁 ning 远 yuan 成 cheng 达 da 良 liang 松 song 柏 bai 楠 nan 朴 pu 恒 heng 谦 qian 礼 li 信 xin 钧 jun 铭 ming 衡 heng 炎 yan 煜 yu 晨 chen 轩 xuan 宇 yu 凡 fan 树 shu 勤 qin`)
	givenWomen = syllables(`芳 fang 英 ying 敏 min 丽 li 娟 juan 霞 xia 萍 ping 琴 qin 兰 lan 梅 mei 云 yun 莲 lian 珍 zhen 凤 feng 洁 jie 燕 yan 玲 ling 桂 gui 秋 qiu 华 hua 茹 ru
		婷 ting 雯 wen 颖 ying 琳 lin 瑶 yao 萱 xuan 涵 han 怡 yi 彤 tong 薇 wei 蓉 rong 岚 lan 青 qing 禾 he 苗 miao 荷 he 宁 ning 然 ran 冉 ran 悦 yue 漪 yi 影 ying`)
	// older people have names that are out of fashion: the first of a pool
	elders = 20
)

// famous names that no invented person may bear.
var famous = strings.Fields(`马云 任正非 雷军 李彦宏 马化腾 刘强东 王健林 王兴 张一鸣 王传福 曾毓群 董明珠 柳传志 张瑞敏 钟睒睒 丁磊 黄峥 许家印 张朝阳 周鸿祎 俞敏洪 王石 曹德旺 宗庆后
	李嘉诚 何小鹏 李书福 郭台铭 史玉柱 陈天桥 王志东 张近东 沈南鹏 李开复 张志东 王建国 李建国 张建国 王文明 李国庆 王海涛 李文亮 钟南山 袁隆平 屠呦呦 姚明 刘翔 李宁 李娜 郎平
	张玉宁 王一博 李一桐 王学兵 李宇春 张云雷 陈坤 李晨 张若昀 李易峰 刘德华 郭富城 黎明 张学友 王志文 陈建斌 李雪健 张国立 王思聪 李学勤 李文华 王晓晨 陈晓 林志玲 赵丽颖 马思纯 张子枫 王子文 陈思诚 李晓霞 丁宁 刘国梁 马琳 张继科 许昕 孔令辉 李景亮`)

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// spell writes a word of several characters as one: Hengchuan.
func spell(parts ...syllable) string {
	s := ""
	for _, p := range parts {
		if s != "" && strings.ContainsAny(p.en[:1], "aeo") {
			s += "'"
		}
		s += p.en
	}
	return capital(s)
}

// roads of the zone with the number of houses, and of the counties around it.
type road struct {
	name   string
	houses int
	parks  []string // what stands there besides plain houses
}

var (
	offices = []road{
		{"科创大道66号孵化园", 0, []string{"A座", "B座", "C座", "D座"}},
		{"科创大道60号人才大厦", 0, nil},
		{"创新路", 60, []string{"", "软件园1号楼", "软件园2号楼", "软件园3号楼"}},
		{"望海东路", 80, []string{"", "海洋科技园1号楼", "海洋科技园3号楼", "海洋科技园6号楼"}},
		{"潮汐路", 90, []string{"", "数创广场A座", "数创广场B座"}},
		{"芦苇街", 70, []string{"", "众创楼"}},
		{"星湾路", 110, []string{"", "云谷1号楼", "云谷2号楼", "云谷5号楼"}},
	}
	workshops = []road{
		{"海纳路", 260, []string{"", "装备园1号厂房", "装备园4号厂房", "仪器园2号楼", "仪器园6号楼"}},
		{"盐河路", 180, []string{"", "加速器3号楼", "加速器5号楼"}},
		{"科创大道", 240, []string{"", "中试园1号楼", "中试园4号楼", "新材料园2号厂房"}},
		{"临河镇兴园路", 160, []string{"", "1号厂房", "2号厂房"}},
		{"滨河工业路", 140, []string{"", "标准厂房3号", "标准厂房7号"}},
	}
	chemists = []road{{"北港大道", 320, []string{"化工园区"}}, {"北港二路", 120, []string{"化工园区"}}}
	doctors  = []road{{"科创大道92号生物医药楼", 0, nil}, {"康源路", 120, []string{"生物医药园1号楼", "生物医药园3号楼", "生物医药园B座", ""}}}
)

type seatOf struct {
	region, zh, place, en string // division, its name, what firms call it
	weight                int
	road                  []string
}

// seats of firms: the zone itself, and the counties of the city around it.
var seats = []seatOf{
	{"371671", "渤海科技创新区", "渤海", "Bohai", 80, nil},
	{"371602", "渤海市城东区", "渤海城东", "Bohai Chengdong", 9, []string{"东关街道文化路", "东关街道民生街", "东关街道永安路"}},
	{"371622", "渤海市沙河县", "沙河", "Shahe", 5, []string{"沙河镇振兴路", "沙河镇迎宾路", "沙河镇工业一路"}},
	{"371623", "渤海市临港县", "临港", "Lingang", 6, []string{"港口镇疏港路", "港口镇海滨街", "港口镇仓储路"}},
}
