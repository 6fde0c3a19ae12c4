import { get } from 'node:http';
import { connect } from 'node:net';

/** What a server says first after `send`, or '' when it only has to accept. Rejects when it does not within `ms`. */
export function talk(
  host: string,
  port: number,
  send: string | undefined,
  signal: AbortSignal,
  ms = 1000,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const end = (error?: Error, answer = '') => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.destroy();
      if (error) reject(error);
      else resolve(answer);
    };
    const timer = setTimeout(() => end(new Error(`${host}:${port} did not answer in ${ms} ms`)), ms);
    const onAbort = () => end(new Error('aborted'));
    signal.addEventListener('abort', onAbort, { once: true });
    socket.on('error', end);
    socket.on('close', () => end(new Error(`${host}:${port} closed the connection`)));
    socket.on('connect', () => (send === undefined ? end() : socket.write(send)));
    socket.on('data', (data) => end(undefined, data.toString('utf8')));
  });
}

/** The JSON that a URL answers with 200. Rejects on anything else, and after `ms`. */
export function getJson(url: string, signal: AbortSignal, ms = 3000): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(ms)]);
    const request = get(url, { signal: limit, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode !== 200) return reject(new Error(`${url} answered ${response.statusCode}`));
        try {
          resolve(JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, unknown>);
        } catch (error) {
          reject(error as Error);
        }
      });
    });
    request.on('error', reject);
  });
}
