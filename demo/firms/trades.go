package firms

import "github.com/tongban/tongban/internal/kernel/i18n"

// sector of a trade: where it sits and how it lives.
type sector int

const (
	software  sector = iota // in offices, from brains
	making                  // in workshops, with machines
	chemistry               // in workshops, with permits
	biomedicine
	science // laboratories and services to research
	service
	dealing // buys and sells
	food
)

// trade is one class of GB/T 4754-2017 with what its firms are like. Shares are
// of 1; money in 10,000 yuan.
type trade struct {
	industry string
	sector   sector
	weight   int     // how many firms of the zone are in it, against the others
	perHead  float64 // yearly revenue for each member of staff
	rd       float64 // R&D of the revenue, of an ordinary firm
	rdStaff  float64 // R&D staff of the staff
	margin   float64 // profit of the revenue
	patents  float64 // of class I, for each ten of the R&D staff after ten years
	rights   float64 // of class II, likewise
	words    []i18n.Text
}

func w(zh, en string) i18n.Text { return i18n.Text{ZH: zh, EN: en} }

// trades of the zone: software, instruments, new materials, biomedicine,
// equipment and services to science before all others.
var trades = []trade{
	{"I6511", software, 12, 48, .19, .62, .07, 2.2, 9, []i18n.Text{w("基础软件", "Foundation Software"), w("数据库技术", "Database Technology")}},
	{"I6512", software, 14, 46, .16, .58, .07, 1.6, 9, []i18n.Text{w("软件技术", "Software Technology"), w("开发工具科技", "Developer Tools")}},
	{"I6513", software, 96, 42, .12, .52, .08, 1.0, 9, []i18n.Text{w("软件", "Software"), w("信息科技", "Information Technology"), w("数字科技", "Digital Technology"), w("智能科技", "Intelligent Technology"), w("云计算", "Cloud Computing")}},
	{"I6519", software, 22, 40, .11, .5, .07, .8, 8, []i18n.Text{w("软件科技", "Software Technology"), w("网络技术", "Network Technology")}},
	{"I6520", software, 22, 58, .32, .72, .02, 5, 4, []i18n.Text{w("微电子", "Microelectronics"), w("集成电路设计", "Integrated Circuit Design"), w("芯片技术", "Chip Technology")}},
	{"I6531", software, 44, 62, .07, .36, .06, .6, 5, []i18n.Text{w("信息系统", "Information Systems"), w("系统集成", "Systems Integration")}},
	{"I6532", software, 46, 52, .10, .44, .07, 1.6, 7, []i18n.Text{w("物联网技术", "Internet of Things Technology"), w("物联科技", "IoT Technology"), w("感知科技", "Sensing Technology")}},
	{"I6540", software, 18, 34, .05, .28, .06, .2, 4, []i18n.Text{w("运维科技", "IT Operations"), w("信息服务", "Information Services")}},
	{"I6550", software, 16, 66, .09, .38, .06, 1.1, 5, []i18n.Text{w("大数据", "Big Data"), w("数据技术", "Data Technology")}},
	{"I6560", software, 14, 30, .05, .24, .08, .1, 2, []i18n.Text{w("信息咨询", "IT Consulting")}},
	{"I6571", software, 10, 40, .10, .48, .08, 1.4, 6, []i18n.Text{w("空间信息", "Spatial Information"), w("遥感科技", "Remote Sensing")}},
	{"I6572", software, 12, 36, .13, .5, .03, .1, 6, []i18n.Text{w("数字文化", "Digital Culture"), w("互动科技", "Interactive Technology")}},
	{"I6440", software, 14, 46, .17, .58, .06, 2.0, 8, []i18n.Text{w("网络安全", "Network Security"), w("安全技术", "Security Technology")}},
	{"I6450", software, 14, 55, .12, .46, .06, .9, 6, []i18n.Text{w("数据服务", "Data Services")}},
	{"I6431", software, 10, 80, .08, .34, .01, .4, 5, []i18n.Text{w("工业互联网", "Industrial Internet")}},

	{"C3976", making, 20, 62, .085, .24, .08, 3.6, 4, []i18n.Text{w("光电", "Optoelectronics"), w("光电器件", "Optoelectronic Devices")}},
	{"C3983", making, 34, 58, .08, .25, .08, 3.2, 5, []i18n.Text{w("传感器", "Sensors"), w("传感科技", "Sensing Technology"), w("敏感元件", "Sensing Elements")}},
	{"C3982", making, 14, 70, .05, .17, .06, 1.4, 4, []i18n.Text{w("电子", "Electronics"), w("电路科技", "Circuits")}},
	{"C3985", making, 14, 96, .065, .19, .08, 3.4, 3, []i18n.Text{w("电子材料", "Electronic Materials")}},
	{"C3973", making, 8, 84, .14, .3, .02, 5, 3, []i18n.Text{w("半导体", "Semiconductors")}},
	{"C4011", making, 36, 60, .07, .25, .08, 2.4, 6, []i18n.Text{w("自动化", "Automation"), w("测控技术", "Measurement and Control"), w("自控仪表", "Control Instruments")}},
	{"C4014", making, 28, 54, .095, .29, .09, 3.2, 5, []i18n.Text{w("分析仪器", "Analytical Instruments"), w("科学仪器", "Scientific Instruments")}},
	{"C4016", making, 14, 62, .05, .18, .08, 1.6, 5, []i18n.Text{w("仪表", "Meters"), w("计量仪表", "Metering Instruments")}},
	{"C4021", making, 22, 56, .075, .26, .08, 2.6, 6, []i18n.Text{w("环境仪器", "Environmental Instruments"), w("监测设备", "Monitoring Equipment")}},
	{"C4023", making, 20, 58, .11, .32, .07, 3.4, 5, []i18n.Text{w("海洋仪器", "Marine Instruments"), w("导航技术", "Navigation Technology"), w("测绘仪器", "Surveying Instruments")}},
	{"C4028", making, 16, 55, .1, .3, .08, 3, 5, []i18n.Text{w("电子测量", "Electronic Measurement"), w("测试技术", "Test Technology")}},
	{"C4040", making, 12, 57, .09, .25, .08, 3.2, 4, []i18n.Text{w("光学", "Optics"), w("光学仪器", "Optical Instruments")}},
	{"C3841", making, 12, 110, .055, .15, .04, 3, 3, []i18n.Text{w("新能源", "New Energy"), w("储能科技", "Energy Storage")}},
	{"C3824", making, 14, 72, .06, .2, .07, 2, 5, []i18n.Text{w("电力电子", "Power Electronics"), w("电源技术", "Power Supply Technology")}},
	{"C3823", making, 12, 80, .045, .15, .07, 1.2, 5, []i18n.Text{w("电气", "Electric"), w("电气设备", "Electrical Equipment")}},

	{"C2641", chemistry, 10, 120, .04, .13, .07, 2.2, 2, []i18n.Text{w("涂料", "Coatings"), w("涂层材料", "Coating Materials")}},
	{"C2651", chemistry, 12, 170, .042, .12, .06, 3, 2, []i18n.Text{w("高分子材料", "Polymer Materials"), w("树脂材料", "Resin Materials")}},
	{"C2661", chemistry, 12, 140, .045, .14, .08, 2.6, 2, []i18n.Text{w("精细化工", "Fine Chemicals"), w("化学试剂", "Reagents")}},
	{"C2662", chemistry, 8, 130, .05, .15, .08, 2.8, 2, []i18n.Text{w("专用化学品", "Specialty Chemicals")}},
	{"C2666", chemistry, 8, 110, .045, .15, .08, 2, 3, []i18n.Text{w("水处理剂", "Water Treatment Agents"), w("环保材料", "Environmental Materials")}},
	{"C2832", chemistry, 8, 105, .06, .16, .04, 3.6, 2, []i18n.Text{w("生物基材料", "Bio-based Materials")}},
	{"C3061", making, 8, 92, .04, .12, .06, 2, 3, []i18n.Text{w("玻璃纤维", "Glass Fibre"), w("复合材料", "Composites")}},
	{"C3073", making, 16, 74, .06, .18, .08, 3.2, 3, []i18n.Text{w("特种陶瓷", "Advanced Ceramics"), w("陶瓷新材料", "Ceramic Materials")}},
	{"C3091", making, 12, 96, .055, .15, .07, 3.2, 3, []i18n.Text{w("碳材料", "Carbon Materials"), w("石墨烯科技", "Graphene Technology")}},
	{"C3240", making, 10, 190, .035, .1, .05, 2, 3, []i18n.Text{w("合金材料", "Alloys"), w("轻合金", "Light Alloys")}},
	{"C3252", making, 10, 260, .025, .08, .04, 1, 4, []i18n.Text{w("铝业", "Aluminium"), w("铝材科技", "Aluminium Technology")}},
	{"C3393", making, 8, 78, .035, .11, .06, 1.4, 4, []i18n.Text{w("粉末冶金", "Powder Metallurgy")}},

	{"C2720", biomedicine, 12, 88, .1, .22, .1, 3.4, 1, []i18n.Text{w("制药", "Pharmaceuticals"), w("药业", "Pharmaceutical")}},
	{"C2740", biomedicine, 8, 76, .045, .13, .09, 1.6, 2, []i18n.Text{w("中药", "Chinese Medicine")}},
	{"C2761", biomedicine, 24, 62, .22, .44, .02, 5, 1, []i18n.Text{w("生物制药", "Biopharmaceuticals"), w("生物科技", "Biotechnology"), w("生物医药", "Biomedicine")}},
	{"C2762", biomedicine, 8, 54, .34, .56, -.06, 6, 1, []i18n.Text{w("基因技术", "Gene Technology"), w("细胞技术", "Cell Technology")}},
	{"C3581", biomedicine, 24, 58, .12, .3, .08, 3.2, 6, []i18n.Text{w("医疗设备", "Medical Equipment"), w("医学影像", "Medical Imaging")}},
	{"C3584", biomedicine, 18, 50, .065, .18, .1, 1.8, 6, []i18n.Text{w("医疗器械", "Medical Devices")}},
	{"C3586", biomedicine, 10, 44, .08, .24, .06, 1.8, 7, []i18n.Text{w("康复器械", "Rehabilitation Devices"), w("康复科技", "Rehabilitation Technology")}},
	{"M7340", biomedicine, 26, 40, .3, .6, -.02, 4.4, 1, []i18n.Text{w("生物医学研究", "Biomedical Research"), w("医药研发", "Drug Research"), w("诊断技术", "Diagnostics")}},
	{"C1492", biomedicine, 8, 84, .03, .1, .08, .8, 2, []i18n.Text{w("健康食品", "Health Foods"), w("营养健康", "Nutrition and Health")}},

	{"C3491", making, 22, 66, .11, .32, .04, 3.6, 6, []i18n.Text{w("机器人", "Robotics"), w("工业机器人", "Industrial Robots")}},
	{"C3492", making, 10, 60, .13, .34, .03, 4, 6, []i18n.Text{w("特种机器人", "Special Robots"), w("无人装备", "Unmanned Equipment")}},
	{"C3493", making, 10, 58, .1, .28, .04, 3.2, 5, []i18n.Text{w("增材制造", "Additive Manufacturing")}},
	{"C3421", making, 16, 72, .05, .17, .06, 1.8, 6, []i18n.Text{w("数控机床", "CNC Machine Tools"), w("精密机床", "Precision Machine Tools")}},
	{"C3441", making, 14, 68, .04, .14, .07, 1.2, 6, []i18n.Text{w("泵业", "Pumps"), w("真空设备", "Vacuum Equipment")}},
	{"C3443", making, 10, 66, .035, .12, .07, 1, 6, []i18n.Text{w("阀门", "Valves")}},
	{"C3463", making, 12, 70, .045, .16, .07, 1.8, 6, []i18n.Text{w("分离设备", "Separation Equipment"), w("净化设备", "Purification Equipment")}},
	{"C3484", making, 24, 52, .032, .11, .06, .6, 6, []i18n.Text{w("精密机械", "Precision Machinery"), w("机械制造", "Machinery"), w("精工", "Precision Works")}},
	{"C3525", making, 14, 50, .035, .14, .06, .8, 7, []i18n.Text{w("模具", "Moulds"), w("精密模具", "Precision Moulds")}},
	{"C3562", making, 12, 74, .15, .36, .04, 4, 5, []i18n.Text{w("半导体设备", "Semiconductor Equipment")}},
	{"C3591", making, 20, 72, .045, .17, .06, 1.6, 7, []i18n.Text{w("环保设备", "Environmental Equipment"), w("环境科技", "Environmental Technology")}},
	{"C3670", making, 22, 76, .035, .11, .05, .8, 6, []i18n.Text{w("汽车零部件", "Auto Parts"), w("汽车电子", "Automotive Electronics")}},
	{"C3734", making, 10, 74, .045, .15, .06, 1.4, 5, []i18n.Text{w("船舶配套", "Ship Equipment")}},
	{"C3737", making, 12, 88, .06, .2, .05, 2.4, 5, []i18n.Text{w("海工装备", "Offshore Equipment"), w("海洋装备", "Marine Equipment")}},
	{"C3575", making, 6, 52, .05, .16, .05, 1, 6, []i18n.Text{w("渔业装备", "Fishery Equipment")}},
	{"C3415", making, 8, 120, .045, .14, .05, 1.8, 5, []i18n.Text{w("风电设备", "Wind Power Equipment")}},

	{"M7310", science, 8, 30, .42, .64, 0, 3, 1, []i18n.Text{w("科学研究", "Scientific Research")}},
	{"M7320", science, 34, 34, .22, .54, .03, 3, 3, []i18n.Text{w("技术研究", "Engineering Research"), w("产业技术研究", "Industrial Research"), w("材料研究", "Materials Research")}},
	{"M7330", science, 14, 30, .2, .46, .03, 2, 2, []i18n.Text{w("农业科技", "Agricultural Technology"), w("种业科技", "Seed Technology")}},
	{"M7452", science, 36, 30, .08, .32, .1, .6, 3, []i18n.Text{w("检测技术", "Testing"), w("检验检测", "Inspection and Testing")}},
	{"M7461", science, 14, 29, .06, .3, .09, .4, 3, []i18n.Text{w("环境检测", "Environmental Testing")}},
	{"M7484", science, 14, 40, .05, .34, .08, .4, 4, []i18n.Text{w("工程设计", "Engineering Design")}},
	{"M7491", science, 16, 28, .06, .34, .07, .2, 6, []i18n.Text{w("工业设计", "Industrial Design")}},
	{"M7512", science, 18, 44, .09, .34, .05, 1.2, 2, []i18n.Text{w("生物技术", "Biotechnology"), w("生物工程", "Bioengineering")}},
	{"M7513", science, 22, 60, .08, .28, .05, 1.6, 2, []i18n.Text{w("新材料", "New Materials"), w("材料科技", "Materials Technology")}},
	{"M7514", science, 16, 58, .05, .22, .06, .6, 5, []i18n.Text{w("节能科技", "Energy Saving Technology")}},
	{"M7515", science, 14, 64, .06, .24, .05, .8, 4, []i18n.Text{w("能源技术", "Energy Technology")}},
	{"M7516", science, 16, 54, .05, .22, .06, .6, 4, []i18n.Text{w("环保科技", "Environmental Technology")}},
	{"M7520", service, 22, 24, .02, .1, .1, 0, 1, []i18n.Text{w("知识产权服务", "Intellectual Property Services")}},
	{"M7530", service, 36, 26, .03, .14, .06, 0, 1, []i18n.Text{w("科技服务", "Science and Technology Services"), w("技术转移", "Technology Transfer")}},
	{"M7540", service, 16, 40, .01, .06, .03, 0, 0, []i18n.Text{w("孵化器", "Incubator"), w("众创空间", "Maker Space")}},
	{"L7224", service, 14, 230, .004, .03, .03, 0, 0, []i18n.Text{w("供应链管理", "Supply Chain Management")}},
	{"L7241", service, 22, 22, 0, 0, .12, 0, 0, []i18n.Text{w("财税咨询", "Accounting and Tax Consulting")}},
	{"L7243", service, 22, 24, .01, .05, .09, 0, 0, []i18n.Text{w("企业咨询", "Business Consulting"), w("经济咨询", "Economic Consulting")}},
	{"L7262", service, 14, 30, 0, 0, .05, 0, 0, []i18n.Text{w("人力资源", "Human Resources")}},
	{"G5821", service, 12, 130, 0, 0, .04, 0, 0, []i18n.Text{w("国际货运代理", "International Freight Forwarding")}},
	{"F5176", dealing, 22, 210, .008, .05, .03, 0, 1, []i18n.Text{w("电子科技", "Electronics Trading"), w("信息设备", "Information Equipment")}},
	{"F5179", dealing, 26, 240, .006, .04, .035, 0, 1, []i18n.Text{w("机电设备", "Electromechanical Equipment"), w("科学器材", "Scientific Supplies")}},
	{"F5154", dealing, 12, 220, .004, .03, .05, 0, 0, []i18n.Text{w("医疗用品", "Medical Supplies")}},
	{"F5169", dealing, 12, 420, .002, .02, .02, 0, 0, []i18n.Text{w("化工贸易", "Chemical Trading")}},
	{"C1329", food, 6, 230, .015, .06, .04, .6, 2, []i18n.Text{w("饲料科技", "Feed Technology")}},
	{"C1362", food, 8, 110, .012, .05, .05, .4, 2, []i18n.Text{w("水产食品", "Seafood")}},
	{"C1469", food, 8, 84, .035, .12, .07, 1.4, 2, []i18n.Text{w("酵素科技", "Fermentation Technology"), w("调味食品", "Condiments")}},
	{"C1495", food, 8, 120, .04, .12, .08, 1.6, 2, []i18n.Text{w("食品配料", "Food Ingredients")}},
	{"C1771", food, 8, 62, .014, .05, .05, .2, 3, []i18n.Text{w("家纺", "Home Textiles")}},
	{"C1781", food, 6, 130, .025, .08, .05, 1, 3, []i18n.Text{w("非织造材料", "Nonwovens")}},
}
