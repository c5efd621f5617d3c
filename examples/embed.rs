//! Trains on ratings in memory, prints what one user should like best, and saves the model.
//!
//! `cargo run --release --example embed`

use mfgpu::{Dataset, Recommender, Result, Settings};

fn main() -> Result<()> {
    // Two tastes: half of the people like what is sweet, the other half what is salty. Everybody has rated
    // some of the foods.
    let foods = ["cake", "honey", "jam", "fudge", "syrup", "olives", "ham", "crisps", "pickles", "feta"];
    let mut ratings = Vec::new();
    for person in 0..200_usize {
        for (number, food) in foods.iter().enumerate().filter(|(number, _)| (person + 3 * number) % 4 != 0) {
            let likes = (person % 2 == 0) == (number < 5);
            ratings.push((format!("person {person}"), *food, if likes { 5.0 } else { 1.5 }));
        }
    }
    let data = Dataset::from_triples(ratings)?;

    let settings = Settings { factors: Some(4), seed: 1, ..Settings::default() };
    let mut model = Recommender::new(settings).fit(&data)?;

    println!("what person 8 has not tried, best first:");
    for (food, score) in model.top("person 8", 5).unwrap_or_default() {
        println!("  {food:8} {score:.2}");
    }
    println!("most like ham: {}", model.similar("ham", 1).unwrap_or_default()[0].0);

    // A new person is added without training.
    model.fold_in(&Dataset::from_triples([("newcomer", "jam", 5.0), ("newcomer", "ham", 1.0)])?)?;
    println!("cake for the newcomer: {:.2}", model.predict("newcomer", "cake").unwrap_or_default());

    let file = std::env::temp_dir().join("foods.safetensors");
    model.save(&file)?;
    println!("saved: {}; `mfgpu describe` and `mfgpu recommend` read it, too", file.display());
    Ok(())
}
