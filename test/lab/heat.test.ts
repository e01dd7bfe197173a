/** Heat maps: what was measured has a field with its number. */
import { expect } from 'chai';
import { heatChart } from '../../src/lab/render/heat-chart.ts';

describe('heat maps', () => {
  it('leave rows out in which nothing was measured', async () => {
    const rows = [
      { label: 'measured', values: [1.25, null] },
      { label: 'unmeasured', values: [null, null] },
    ];
    const svg = await heatChart({ title: 'Speed', columns: ['one', 'two'], rows, note: 'speed' });
    expect(svg).to.include('>measured<').and.include('>1.25<').and.include('>–<');
    expect(svg).not.to.include('unmeasured');
  });
});
