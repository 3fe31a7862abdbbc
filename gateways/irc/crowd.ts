/** So many people are more than anybody meets; a server that tells of more may mean to fill the memory. */
const MOST_PEOPLE = 250_000;

/** How many people are in all channels of one user, on all her servers; who is in two of them counts twice. */
export class Crowd {
  count = 0;

  get isTooLarge(): boolean {
    return this.count > MOST_PEOPLE;
  }
}
