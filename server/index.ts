export { loadConfig } from './config.ts';
export type { ServerConfig, ServerConfigInput } from './config.ts';
export { describeSettings, listSettings } from './describe-settings.ts';
export { serve } from './serve.ts';
export type { ServeOptions } from './serve.ts';
export { startServer } from './start-server.ts';
export type { RunningServer, ServerOptions } from './start-server.ts';
export { doctor, formatDoctor } from './doctor/doctor.ts';
export type { Check, DoctorReport } from './doctor/doctor.ts';
