/** The voices that the provider brings along, by its own names; how high and bright each is here is ours, chosen to fit its description. Source: StepFun, page of system voices. */
import type { Character } from './character.ts';

export interface SystemVoice {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly scenes: string;
  readonly character: Character;
}

const TABLE: readonly (readonly [id: string, name: string, description: string, scenes: string, f0Hz: number, brightnessDb: number])[] = [
  ['boyinnansheng', '播音男声', '男，播音腔，中正平稳', '有声书、口播（解说、新闻）', 105, -8],
  ['cixingnansheng', '磁性男声', '男，深情厚重，有感染力，霸总感', '有声书、情感陪伴', 92, -10],
  ['elegantgentle-female', '气质温婉', '女，真诚温柔，亲和力强，给人安全感', '客服与业务办理、口播（解说、新闻）、教育与培训、情感陪伴', 190, -7],
  ['energeticconfident-female', '', '女，英文音色，有活力且自信', '客服与业务办理、语音助手', 205, -4],
  ['ganliannvsheng', '干练女声', '女，音色沉稳冷静、慢条斯理，专业感强', '客服与业务办理、语音助手', 178, -6],
  ['huolinvsheng', '活力女声', '女，轻盈有活力，亲和力强', '客服与业务办理、语音助手', 212, -4],
  ['jilingshaonv', '机灵少女', '女，声线细腻，有活力', '语音助手、口播（解说、新闻）', 235, -3],
  ['jingdiannvsheng', '经典女声', '女，语速较慢，真诚温柔', '客服与业务办理、情感陪伴', 185, -8],
  ['lengyanyujie', '冷艳御姐', '女，播音感，专业不失亲和', '视频配音', 168, -8],
  ['linjiajiejie', '邻家姐姐', '女，有亲和力，邻家大姐姐的感觉，给人安全感', '口播（解说、新闻）、情感陪伴、语音助手、视频配音', 195, -7],
  ['linjiameimei', '邻家妹妹', '女，可爱亲和，稚气感', '视频配音、口播（解说、新闻）、语音助手', 245, -4],
  ['lively-girl', 'Lively Girl', '女，英文音色，亲和感，有活力', '有声书、视频配音、语音助手', 225, -4],
  ['livelybreezy-female', '活力轻快', '女，音色具有感染力、说服力和亲和力，有活力', '情感陪伴、教育与培训、营销', 215, -5],
  ['magnetic-voiced-male', 'Magnetic-voiced Male', '男，英文音色，强烈的沉稳厚重感', '有声书、视频配音', 88, -11],
  ['qingchunshaonv', '清纯少女', '女，温柔，轻盈有活力，亲和力强', '客服与业务办理、语音助手', 230, -6],
  ['qingniandaxuesheng', '青年大学生', '男，沉稳厚实，播音专业感', '口播（解说、新闻）', 118, -7],
  ['qinhenvsheng', '亲和女声', '女，冷静温柔、有亲和力', '客服与业务办理、语音助手', 188, -6],
  ['qinqienvsheng', '亲切女声', '女，温柔带点甜美，亲和力强，邻家感', '口播（解说、新闻）、情感陪伴、语音助手', 200, -6],
  ['ruanmengnvsheng', '软萌女声', '女，可爱、甜、嗲', '情感陪伴、语音助手、视频配音', 255, -5],
  ['ruyananshi', '儒雅男士', '男，沉稳厚重，叙述感强，有亲和力、陪伴感', '有声书、情感陪伴、口播（解说、新闻）、语音助手', 98, -9],
  ['shenchennanyin', '深沉男音', '男，有感情，代入感强，给人信心', '情感陪伴、有声书', 84, -10],
  ['shuangkuaijiejie', '爽快姐姐', '女，清澈有活力', '口播（解说、新闻）、语音助手', 208, -3],
  ['shuangkuainansheng', '爽快男声', '男，音色沉稳冷静、慢条斯理，专业感强', '客服与业务办理、语音助手', 125, -5],
  ['soft-spoken-gentleman', 'Soft-spoken Gentleman', '男，英文音色，沉稳温柔，给人安全感', '情感陪伴、有声书', 102, -11],
  ['tianmeinvsheng', '甜美女声', '女，甜美温柔，亲和力强', '情感陪伴、客服与业务办理', 220, -7],
  ['vibrant-youth', 'Vibrant Youth', '男，英文音色，温柔亲和', '有声书、视频配音、语音助手', 130, -5],
  ['wenjingxuejie', '文静学姐', '女，冷静沉稳，吐字清晰稳定', '口播（解说、新闻）、语音助手', 182, -5],
  ['wenrougongzi', '温柔公子', '男，沉稳温柔，叙述感强', '情感陪伴、有声书', 115, -9],
  ['wenrounansheng', '温柔男声', '男，温柔亲和', '口播（解说、新闻）、情感陪伴、客服与业务办理、教育与培训', 112, -8],
  ['wenrounvsheng', '温柔女声', '女，温柔甜美，叙述感强，有关怀感', '有声书、情感陪伴', 192, -9],
  ['wenroushunv', '温柔熟女', '女，成熟稳重，温柔有亲和力', '客服与业务办理、口播（解说、新闻）、教育与培训', 172, -7],
  ['yingwennansheng', '', '', '', 110, -6],
  ['yingwennvsheng', '', '', '', 198, -6],
  ['youyanvsheng', '优雅女声', '女，成熟亲和，给人踏实感', '视频配音', 176, -9],
  ['yuanqinansheng', '元气男声', '男，情绪饱满有活力', '有声书、口播（解说、新闻）', 135, -4],
  ['yuanqishaonv', '元气少女', '女，声线细腻，甜、嗲', '情感陪伴、语音助手', 240, -3],
  ['zhengpaiqingnian', '正派青年', '男，音色具有感染力、说服力和亲和力，有激情和鼓动性', '营销', 122, -4],
  ['zhixingjiejie', '知性姐姐', '女，成熟沉稳，叙述有画面感', '视频配音、口播（解说、新闻）、语音助手', 180, -9],
  ['zixinnansheng', '自信男声', '男，真诚亲和，有活力', '有声书、情感陪伴、教育与培训、营销', 128, -6],
];

export const SYSTEM_VOICES: readonly SystemVoice[] = TABLE.map(([id, name, description, scenes, f0Hz, brightnessDb]) => ({ id, name, description, scenes, character: { f0Hz, brightnessDb } }));
