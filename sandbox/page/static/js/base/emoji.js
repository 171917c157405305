// Slack's shortcodes for the common emoji; what is not here stays text, as for a workspace that lacks a custom one.

const TABLE = `
grinning 😀 smiley 😃 smile 😄 grin 😁 laughing 😆 sweat_smile 😅 joy 😂 rolling_on_the_floor_laughing 🤣 blush 😊 innocent 😇
slightly_smiling_face 🙂 upside_down_face 🙃 wink 😉 relieved 😌 heart_eyes 😍 kissing_heart 😘 yum 😋 stuck_out_tongue 😛 zany_face 🤪
face_with_raised_eyebrow 🤨 face_with_monocle 🧐 nerd_face 🤓 sunglasses 😎 star-struck 🤩 partying_face 🥳 smirk 😏 unamused 😒
disappointed 😞 worried 😟 confused 😕 slightly_frowning_face 🙁 cry 😢 sob 😭 triumph 😤 angry 😠 rage 😡 exploding_head 🤯 flushed 😳
scream 😱 fearful 😨 cold_sweat 😰 hugging_face 🤗 thinking_face 🤔 shushing_face 🤫 neutral_face 😐 expressionless 😑 grimacing 😬
face_with_rolling_eyes 🙄 astonished 😲 yawning_face 🥱 sleeping 😴 mask 😷 robot_face 🤖 ghost 👻 skull 💀 alien 👽 poop 💩
wave 👋 raised_hand ✋ ok_hand 👌 crossed_fingers 🤞 v ✌️ point_left 👈 point_right 👉 point_up_2 👆 point_down 👇 point_up ☝️
+1 👍 thumbsup 👍 -1 👎 thumbsdown 👎 fist ✊ facepunch 👊 clap 👏 raised_hands 🙌 open_hands 👐 handshake 🤝 pray 🙏 muscle 💪
writing_hand ✍️ eyes 👀 eye 👁️ brain 🧠 bust_in_silhouette 👤 busts_in_silhouette 👥 shrug 🤷 facepalm 🤦 bow 🙇 technologist 🧑‍💻
runner 🏃 dancer 💃 baby 👶 cat 🐱 dog 🐶 bug 🐛 bee 🐝 turtle 🐢 snail 🐌 unicorn_face 🦄 fox_face 🦊 owl 🦉 penguin 🐧 whale 🐳
seedling 🌱 evergreen_tree 🌲 four_leaf_clover 🍀 herb 🌿 sunflower 🌻 rose 🌹 cherry_blossom 🌸 fallen_leaf 🍂 sunny ☀️ partly_sunny ⛅
cloud ☁️ rain_cloud 🌧️ snowflake ❄️ zap ⚡ fire 🔥 boom 💥 sparkles ✨ star ⭐ star2 🌟 dizzy 💫 rainbow 🌈 ocean 🌊 droplet 💧 earth_americas 🌎
apple 🍎 lemon 🍋 avocado 🥑 pizza 🍕 taco 🌮 cookie 🍪 cake 🍰 birthday 🎂 coffee ☕ tea 🍵 beer 🍺 beers 🍻 wine_glass 🍷 champagne 🍾
soccer ⚽ trophy 🏆 first_place_medal 🥇 medal 🏅 dart 🎯 game_die 🎲 jigsaw 🧩 art 🎨 guitar 🎸 musical_note 🎵 headphones 🎧
car 🚗 taxi 🚕 ambulance 🚑 fire_engine 🚒 bike 🚲 airplane ✈️ small_airplane 🛩️ airplane_departure 🛫 airplane_arriving 🛬 rocket 🚀 ship 🚢 anchor ⚓ construction 🚧 rotating_light 🚨
traffic_light 🚥 vertical_traffic_light 🚦 checkered_flag 🏁 triangular_flag_on_post 🚩 house 🏠 office 🏢 hospital 🏥 factory 🏭 tent ⛺
watch ⌚ iphone 📱 computer 💻 desktop_computer 🖥️ keyboard ⌨️ printer 🖨️ floppy_disk 💾 cd 💿 camera 📷 movie_camera 🎥 telephone ☎️
battery 🔋 electric_plug 🔌 bulb 💡 flashlight 🔦 wastebasket 🗑️ moneybag 💰 dollar 💵 credit_card 💳 gem 💎 hammer 🔨 wrench 🔧 gear ⚙️
hammer_and_wrench 🛠️ toolbox 🧰 link 🔗 chains ⛓️ magnet 🧲 test_tube 🧪 microscope 🔬 telescope 🔭 satellite_antenna 📡 syringe 💉 pill 💊
door 🚪 bed 🛏️ broom 🧹 soap 🧼 shopping_trolley 🛒 gift 🎁 balloon 🎈 tada 🎉 confetti_ball 🎊 ribbon 🎀 ticket 🎫 admission_tickets 🎟️
envelope ✉️ email 📧 incoming_envelope 📨 inbox_tray 📥 outbox_tray 📤 package 📦 label 🏷️ mailbox 📫 postbox 📮 ballot_box_with_ballot 🗳️
pencil ✏️ pencil2 ✏️ memo 📝 page_facing_up 📄 page_with_curl 📃 bookmark_tabs 📑 bar_chart 📊 chart_with_upwards_trend 📈
chart_with_downwards_trend 📉 spiral_note_pad 🗒️ spiral_calendar_pad 🗓️ calendar 📆 date 📅 card_index 📇 card_file_box 🗃️ file_cabinet 🗄️
clipboard 📋 file_folder 📁 open_file_folder 📂 newspaper 📰 notebook 📓 ledger 📒 closed_book 📕 green_book 📗 blue_book 📘 orange_book 📙
books 📚 book 📖 bookmark 🔖 paperclip 📎 linked_paperclips 🖇️ straight_ruler 📏 pushpin 📌 round_pushpin 📍 scissors ✂️ lock 🔒 unlock 🔓
closed_lock_with_key 🔐 key 🔑 old_key 🗝️ shield 🛡️ mag 🔍 mag_right 🔎 heart ❤️ orange_heart 🧡 yellow_heart 💛 green_heart 💚
blue_heart 💙 purple_heart 💜 black_heart 🖤 broken_heart 💔 heartbeat 💓 sparkling_heart 💖 100 💯 anger 💢 speech_balloon 💬
thought_balloon 💭 zzz 💤 bell 🔔 no_bell 🔕 loudspeaker 📢 mega 📣 mute 🔇 speaker 🔈 hourglass ⌛ hourglass_flowing_sand ⏳
alarm_clock ⏰ stopwatch ⏱️ timer_clock ⏲️ clock1 🕐 clock3 🕒 clock9 🕘 clock10 🕙 clock12 🕛 warning ⚠️ no_entry ⛔ no_entry_sign 🚫
x ❌ o ⭕ white_check_mark ✅ heavy_check_mark ✔️ ballot_box_with_check ☑️ heavy_multiplication_x ✖️ heavy_plus_sign ➕ heavy_minus_sign ➖
question ❓ grey_question ❔ exclamation ❗ bangbang ‼️ interrobang ⁉️ information_source ℹ️ recycle ♻️ new 🆕 ok 🆗 up 🆙 cool 🆒 free 🆓 sos 🆘
arrow_up ⬆️ arrow_down ⬇️ arrow_left ⬅️ arrow_right ➡️ arrow_upper_right ↗️ arrow_lower_right ↘️ left_right_arrow ↔️ leftwards_arrow_with_hook ↩️
arrow_forward ▶️ arrows_counterclockwise 🔄 repeat 🔁 twisted_rightwards_arrows 🔀 fast_forward ⏩ rewind ⏪ double_vertical_bar ⏸️ black_square_for_stop ⏹️
black_right_pointing_double_triangle_with_vertical_bar ⏭️ record_button ⏺️ red_circle 🔴 large_orange_circle 🟠 large_yellow_circle 🟡 large_green_circle 🟢
large_blue_circle 🔵 large_purple_circle 🟣 white_circle ⚪ black_circle ⚫ large_red_square 🟥 large_orange_square 🟧 large_yellow_square 🟨 large_green_square 🟩
large_blue_square 🟦 large_purple_square 🟪 white_large_square ⬜ black_large_square ⬛ small_orange_diamond 🔸 small_blue_diamond 🔹 large_blue_diamond 🔷
zero 0️⃣ one 1️⃣ two 2️⃣ three 3️⃣ four 4️⃣ five 5️⃣ six 6️⃣ seven 7️⃣ eight 8️⃣ nine 9️⃣ keycap_ten 🔟 hash #️⃣
palm_tree 🌴 beach_with_umbrella 🏖️ mountain 🏔️ compass 🧭 world_map 🗺️ crystal_ball 🔮 crown 👑 tophat 🎩 mortar_board 🎓 briefcase 💼 handbag 👜 umbrella ☔
crossed_swords ⚔️ scales ⚖️ white_flag 🏳️ ladder 🪜 brick 🧱 building_construction 🏗️ see_no_evil 🙈 hear_no_evil 🙉 speak_no_evil 🙊 slack 🟪
`;

export const EMOJI = new Map();
{
  const words = TABLE.trim().split(/\s+/);
  for (let index = 0; index + 1 < words.length; index += 2) EMOJI.set(words[index], words[index + 1]);
}

export const emojiOf = (name) => EMOJI.get(String(name).split("::")[0]);

export function searchEmoji(query, limit = 60) {
  const names = [...EMOJI.keys()];
  const starting = names.filter((name) => name.startsWith(query));
  const containing = names.filter((name) => !name.startsWith(query) && name.includes(query));
  return [...starting, ...containing].slice(0, limit);
}
