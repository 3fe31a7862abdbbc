/** XML 1.0 §2.11: a carriage return, alone or before a line feed, is one line feed, wherever the text is cut. */
export class LineEnds {
  /** The last piece ended with a carriage return, so that a line feed is its other half. */
  #afterReturn = false;

  normalize(text: string): string {
    let rest = text;
    if (this.#afterReturn && rest !== '') {
      this.#afterReturn = false;
      if (rest.startsWith('\n')) rest = rest.slice(1);
    }
    if (!rest.includes('\r')) return rest;
    this.#afterReturn = rest.endsWith('\r');
    return rest.replaceAll(/\r\n?/g, '\n');
  }
}
