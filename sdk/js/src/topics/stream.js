/** One event has no more; a message is far smaller. */
const MAX_EVENT = 4 << 20;

/**
 * Reads a stream of server-sent events (WHATWG HTML §9.2.6) to its end.
 * @param {ReadableStream<Uint8Array>} body
 * @param {() => void} alive called for whatever comes, comments too
 * @param {(event: {type: string, id: string, data: string}) => void} take what it throws ends the reading
 */
export async function readEvents(body, alive, take) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let event = { type: '', id: '', data: '' };
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      alive();
      text += decoder.decode(value, { stream: true });
      const lines = text.split(/\r\n|\n|\r(?!$)/);
      text = lines.pop() ?? '';
      if (text.length > MAX_EVENT) return;
      for (const line of lines) {
        const [, field, content] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
        if (field === 'event') event.type = content;
        else if (field === 'id') event.id = content;
        else if (field === 'data') event.data += content;
        else if (!line) {
          const whole = event;
          event = { type: '', id: '', data: '' };
          if (whole.data) take(whole);
        }
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
