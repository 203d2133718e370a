import type { RequestHandler } from 'express';

const HOST = /^[A-Za-z0-9.-]+(:\d{1,5})?$|^\[[0-9a-fA-F:]+\](:\d{1,5})?$/;

/**
 * Headers of every answer. The page may use the camera and the microphone, show what it makes itself (`blob:`), and talk
 * to this host only; WebSocket addresses are spelt out for browsers whose 'self' does not cover them.
 */
export const securityHeaders: RequestHandler = (request, response, next) => {
  const { host = '' } = request.headers;
  const sockets = HOST.test(host) ? ` ws://${host} wss://${host}` : '';
  response.set({
    'Content-Security-Policy': [
      "default-src 'self'",
      `connect-src 'self' blob:${sockets}`,
      "img-src 'self' blob: data:",
      "media-src 'self' blob: mediastream:",
      "worker-src 'self' blob:",
      "style-src 'self' 'unsafe-inline'",
      "object-src 'none'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'self'",
    ].join('; '),
    'Permissions-Policy': 'camera=(self), microphone=(self), geolocation=()',
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
  });
  next();
};
