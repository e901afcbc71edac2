package treegen

import "strings"

var (
	english = strings.Fields(`report final notes draft photo invoice letter summer project index main test data image
	client server handler config budget travel family birthday garden house contract review meeting agenda plan sketch
	design model school history letter music video backup archive old new copy list table chart minutes proposal offer
	order receipt insurance health doctor recipe kitchen holiday mountain river ocean beach sunset winter spring autumn
	christmas wedding party concert festival museum theatre market station airport hotel ticket passport visa map route
	journey diary journal essay thesis lecture exercise solution exam grade course student teacher research paper abstract
	method result figure analysis survey sample dataset cluster network socket packet router switch cable signal sensor
	motor engine battery charger solar panel window door roof wall floor ceiling paint wood metal glass stone paper plastic
	fabric leather shoe shirt jacket dress pattern needle thread button zipper pocket wallet purse money bank account credit
	salary tax refund loan mortgage rent lease tenant landlord notice reminder warning error debug trace logger parser lexer
	token syntax grammar compiler linker loader kernel module driver device system service worker thread queue stack buffer
	stream reader writer scanner printer camera lens filter flash tripod studio portrait landscape panorama macro zoom focus
	exposure shutter aperture colour contrast bright shadow silver golden purple orange yellow green blue black white grey
	crimson horizon skyline harbour bridge tunnel castle tower temple church chapel abbey palace square fountain statue
	monument memory moment minute second hour morning evening night midnight yesterday tomorrow weekend monday friday january
	february march april june july august september october november december annual monthly weekly daily quarter
	forecast target revenue profit margin expense inventory stock supply vendor customer partner member group team leader
	manager director officer secretary assistant engineer architect designer artist painter sculptor writer author editor
	publisher printer reader listener speaker singer dancer actor player runner swimmer climber sailor pilot captain soldier
	general major private public shared common global local remote static dynamic virtual physical logical abstract concrete
	simple complex basic advanced standard custom default special generic template example tutorial guide manual handbook
	reference glossary appendix chapter section paragraph sentence word letter symbol number integer float double string
	boolean vector matrix tensor graph tree node edge leaf branch root trunk forest meadow valley canyon desert island
	volcano glacier waterfall rainbow thunder lightning storm cloud rain snow frost breeze hurricane earthquake planet comet
	galaxy nebula orbit rocket satellite telescope microscope spectrum frequency amplitude wavelength velocity momentum energy
	gravity pressure volume density temperature humidity voltage current resistance capacity inductor transistor circuit
	keyboard monitor desktop laptop tablet mobile phone headset microphone amplifier guitar piano violin trumpet drum flute
	rhythm melody harmony chorus verse bridge sonata symphony opera ballet waltz tango salsa jazz blues rock metal folk
	country gospel anthem lullaby serenade nocturne prelude fugue rhapsody overture finale encore rehearsal premiere`)

	accented = strings.Fields(`Müller Rechnung Straße Übersicht Prüfung Geschäft Käufer Größe Schlüssel Bäckerei Österreich
	Jürgen Vertrag Urlaub Größenordnung résumé été Noël château forêt façade élève théâtre piñata niño mañana corazón
	España señor canción São coração informação naïve Ærø smørrebrød Ångström fjäll året köp naïveté żółć łódź książka
	świętość źródło Gdańsk příběh český žádost kůň řeka účet őszi űrhajó gyűjtemény Zürich Genève Málaga Brasília İstanbul
	şehir ağaç çocuk günlük açık öğrenci tiếng Việt Hà Nội đường phở Đà Nẵng`)

	cyrillic = strings.Fields(`отчёт документ письмо фото семья лето зима работа проект договор счёт книга музыка школа дом
	город река море горы праздник рецепт заметки план список копия новый старый черновик резюме вариант Москва Київ
	Україна подорож звіт рахунок їжа щоденник България снимки София доклад`)

	greek = strings.Fields(`σημειώσεις έγγραφο φωτογραφία οικογένεια καλοκαίρι θάλασσα ταξίδι Αθήνα μουσική βιβλίο σχέδιο
	λογαριασμός συμβόλαιο διάλεξη εργασία`)

	cjk = strings.Fields(`会议记录 照片 旅行 家庭 项目 报告 合同 发票 音乐 笔记 计划 最终版 北京 上海 学习 工作 文件 备份 简历 预算
	写真 旅行記 家族 会議 資料 請求書 日記 東京 京都 夏休み プロジェクト メモ レシピ スクリーンショット ファイル 사진 여행 가족 회의 보고서
	계약서 음악 서울 노트 계획서`)

	arabic = strings.Fields(`تقرير صور عائلة سفر مشروع عقد فاتورة موسيقى ملاحظات القاهرة خطة דוח תמונות משפחה טיול ירושלים`)

	emoji = strings.Fields(`🎉 📷 🏖️ ❤️ 👨‍👩‍👧 🎵 ✅ 🐱 🚀 🇪🇺`)

	docExts = strings.Fields(`.pdf .docx .txt .md .xlsx .pdf .odt .csv .pptx .html .epub .rtf .ods .json .zip .eml .pages .key .tex .bib
	.xml .7z .tar.gz .log .ps .djvu .vcf .ics .numbers .mobi`)
	codeExts = strings.Fields(`.go .ts .js .py .c .h .rs .tsx .json .java .o .css .html .md .yaml .cpp .hpp .rb .sh .sql .proto .toml
	.kt .swift .php .lua .vue .scss .map .lock .snap .wasm .pyc .class .dart .zig`)
	musicExts = strings.Fields(`.mp3 .flac .m4a .ogg .jpg .cue .wav .opus .m3u`)

	codeFixed = strings.Fields(`README.md LICENSE Makefile package.json index.js index.ts __init__.py main.go go.mod .gitignore Dockerfile
	tsconfig.json Cargo.toml setup.py CHANGELOG.md .editorconfig doc.go mod.rs lib.rs CMakeLists.txt`)
	codeFolders = strings.Fields(`src lib test internal node_modules .git dist build docs pkg cmd objects components utils vendor examples
	testdata assets styles scripts api __pycache__ target include`)
)
