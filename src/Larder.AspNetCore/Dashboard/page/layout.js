// Cards in columns without gaps, in an order that stays. Which column a card is in is settled when cards come, go or the window changes, and not when a card grows:
// nothing on the page jumps to another place while one looks at it.
const narrowest = 370, gap = 18;

export class Layout {
  constructor(main) {
    this.main = main;
    this.cards = [];
    this.shown = '';
    this.heights = new ResizeObserver(entries => { for (const { target } of entries) this.span(target); });
    new ResizeObserver(() => this.settle()).observe(main);
  }

  set(cards) {
    for (const card of this.cards.filter(card => !cards.includes(card))) this.heights.unobserve(card);
    for (const card of cards.filter(card => !this.cards.includes(card))) this.heights.observe(card);
    this.cards = cards;
    this.settle();
  }

  // Anew even if neither the cards nor the window have changed: they are as high now as they stay.
  resettle() {
    this.shown = '';
    this.settle();
  }

  settle() {
    const style = getComputedStyle(this.main), width = this.main.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    const cards = this.cards.filter(card => !card.hidden), count = Math.max(1, Math.min(cards.length, Math.floor((width + gap) / (narrowest + gap))));
    const shown = `${count}:${cards.map(card => card.id)}`;
    if (shown === this.shown) return;
    this.shown = shown;
    this.main.style.gridTemplateColumns = `repeat(${count}, minmax(0, 1fr))`;
    const ends = Array(count).fill(0);
    for (const card of cards) {
      const column = ends.indexOf(Math.min(...ends));
      card.style.gridColumn = column + 1;
      ends[column] += this.span(card);
    }
  }

  // Rows of the grid are a pixel high.
  span(card) {
    const height = Math.ceil(card.offsetHeight) + gap;
    card.style.gridRowEnd = `span ${height}`;
    return height;
  }
}
