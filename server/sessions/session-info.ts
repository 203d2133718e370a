import { PROTOCOL_VERSION } from '../../pipeline/protocol/index.ts';
import type { ModelInfo } from '../../models/model.ts';
import { isCalibrated } from '../../pipeline/result/calibration.ts';
import type { SessionCreated, SessionUpdate } from '../../pipeline/protocol/index.ts';
import type { ServerConfig } from '../config.ts';
import type { z } from 'zod';

export type SessionInfo = Omit<z.infer<typeof SessionCreated>, 'type'>;

export interface SessionKeys {
  readonly id: string;
  readonly resumeToken: string;
  readonly observeToken: string;
}

/** What `session.created` and `session.updated` say. */
export function sessionInfo(
  info: ModelInfo,
  config: ServerConfig,
  keys: SessionKeys,
  wanted: SessionUpdate,
): SessionInfo {
  return {
    protocol: PROTOCOL_VERSION,
    session_id: keys.id,
    bundle: {
      name: info.name,
      version: info.version,
      sha256: info.sha256,
      modalities: info.modalities.map(({ name, kind, slots }) => ({ name, kind, slots })),
      emotions: [...info.emotions],
      calibrated: isCalibrated(info.calibration),
    },
    device: { ...info.device },
    window_ms: info.windowMs,
    hop_ms: wanted.hop_ms ?? info.hopMs,
    smoothing: wanted.smoothing ?? 0,
    counterfactuals: wanted.counterfactuals ?? false,
    limits: {
      max_message_bytes: config.maxMessageBytes,
      max_frames_per_s: config.maxFramesPerS,
      max_bytes_per_s: config.maxBytesPerS,
      max_image_width: config.maxImageWidth,
      max_image_height: config.maxImageHeight,
      max_whole_pixels: config.maxWholePixels,
      idle_ms: config.idleMs,
    },
    resume_token: keys.resumeToken,
    observe_token: keys.observeToken,
  };
}

/** True when the bundle that a client asks for, `name` or `name@version`, is the one that is served. */
export function isServed(info: ModelInfo, wanted: string | undefined): boolean {
  return wanted === undefined || wanted === info.name || wanted === `${info.name}@${info.version}`;
}
