/** Errors, notices and reasons in simplified Chinese; their English is in `shared`, beside the codes. */
import type { ErrorCode } from '../../shared/errors.ts';
import type { NoticeCode } from '../../shared/pcm.ts';
import type { ReasonCode } from '../../shared/reasons.ts';

export const ERRORS_ZH: Readonly<Record<ErrorCode, string>> = {
  'audio/empty': '这个文件是空的。请选择包含音频的文件。',
  'audio/not-audio': '这不是我们能读取的音频文件。请选择 WAV、AIFF、FLAC、MP3、M4A、Ogg、Opus 或 WebM 文件。',
  'audio/unsupported': '这里无法读取这种音频（{detail}）。请转换为 WAV 或 FLAC 后重试。',
  'audio/needs-fallback': '打开这个文件需要额外的解码器（8 MB，只下载一次）。请允许下载，或将文件转换为 WAV 或 FLAC。',
  'audio/too-large-for-fallback': '文件大小为 {megabytes} MB；这种格式最多只能打开 {limit} MB。请转换为 WAV 或 FLAC 后重试。',
  'audio/decode-failed': '文件已损坏，无法解码。请从源头重新导出。',
  'audio/silent': '这段录音没有声音，无从匹配。请选择有声音的录音。',
  'audio/too-short': '录音长 {seconds} 秒，至少需要 {minimum} 秒。',
  'audio/dc-only': '录音里只有恒定的直流偏移，没有声音。请检查录音输入。',
  'audio/not-finite': '文件中有太多样本不是有效数值。请从源头重新导出。',
  'audio/sample-rate': '采样率为 {hz} Hz；可用范围是 8,000 到 192,000 Hz。',
  'audio/not-reference-target': '参考和目标都需要选择。',
  'match/cannot-align': '这两段不是同一次演录，无法按处理前后来比较。请选择“不同的录音”。',
  'style/invalid': '这不是 Tonetwin 预设，或者文件已损坏（{detail}）。',
  'style/newer': '这个预设由更新版本的 Tonetwin 创建。请更新后重试。',
  'storage/full': '本设备空间不足。请先腾出一些空间；原有内容都已保留。',
  'storage/unavailable': '浏览器在这里不允许存储（可能是无痕窗口）。请在普通窗口中打开 Tonetwin。',
  'storage/missing': '存储的音频已不在本设备上。请重新选择文件。',
  'storage/failed': '读写存储时出错，将会重试。',
  'engine/stale': '引擎与页面的版本不一致。请刷新页面。',
  'engine/failed': '音频引擎意外停止，将会重试。',
  'job/cancelled': '已取消。',
  'job/worker-died': '后台进程意外停止，将会重试。',
  'job/unknown': '没有这个任务。',
  'network/unavailable': '无法连接网络。请联网后重试。',
  'cli/usage': '{detail}',
  'cli/file': '无法打开文件 {file}：{detail}。',
  'server/not-found': '这个地址没有内容。',
  'server/config': '配置项 {name} 有误：{detail}。',
  internal: '发生了意外错误（{detail}）。',
};

export const NOTICES_ZH: Readonly<Record<NoticeCode, string>> = {
  'audio/truncated': '文件提前结束；可读取的 {seconds} 秒已被使用。',
  'audio/repaired': '有 {count} 个样本不是有效数值，已替换为静音。',
  'audio/folded-down': '{channels} 个声道已缩混为立体声。',
  'audio/clipped': '有 {count} 个样本削波。',
  'audio/mono': '录音是单声道。',
  'audio/lossy-bandwidth': '录音在 {hz} Hz 以上没有内容。',
  'render/loudness-unreachable': '在峰值上限之内无法达到 {target} LUFS；结果为 {reached} LUFS。',
  'render/over-full-scale': '结果的峰值为 {peak} dBTP，存为整数格式时会削波。请开启限制器。',
  'audio/fallback-decoder': '文件由额外的解码器打开。',
};

export const REASONS_ZH: Readonly<Record<ReasonCode, string>> = {
  'module/by-hand': '手动设置。',
  'module/default': '不在推算范围内。',
  'module/neutral': '无需改动：两段录音在这方面一致。',
  'module/not-identifiable': '从这段素材中看不清楚，因此保持不变。',
  'module/off': '已关闭。',
  'eq/transfer-function': '来自两段录音之间的传递函数：{bands} 个频段，剩余误差 {errorDb} dB。',
  'stereo/side-over-mid': '侧声道比中声道多提升了 {db} dB。',
  'dynamics/gain-trace': '来自增益随时间的变化：{thresholdDb} dB 以上为 {ratio}:1，误差在 {errorDb} dB 以内。',
  'limiter/gain-trace': '在提升 {gainDb} dB 之后限制了峰值；增益变化的误差在 {errorDb} dB 以内。',
  'limiter/ceiling-only': '没有限制器的痕迹；这里只把峰值保持在 {tpDb} dBTP 以下。',
  'reverb/deconvolution': '混响时间 {rt60Seconds} s，比直达声低 {wetDb} dB，延后 {preDelayMs} ms。',
  'lufs/reference': '参考的响度，{lufs} LUFS。',
};
