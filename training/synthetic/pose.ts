import type { Expression } from './expression.ts';

/** A face at one moment. */
export interface Pose {
  readonly expression: Expression;
  /** 0 open, 1 closed by a blink. */
  readonly blink: number;
  /** Mouth opening of speech, 0 to 1, on top of the expression. */
  readonly speech: number;
  /** Shift of the head in face units (a face is about 100 wide). */
  readonly x: number;
  readonly y: number;
  /** Tilt in degrees. */
  readonly roll: number;
  /** -1 turned left to 1 turned right. */
  readonly yaw: number;
  /** -1 down to 1 up. */
  readonly pitch: number;
  /** Head size against the frame; 1 leaves a little room. */
  readonly zoom: number;
}
